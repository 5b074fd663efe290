import { canonicalText, memberText, orderOf } from '@/lib/audit/canonical-text'
import { canonicalOf, sha256 } from '@/lib/audit/chain'
import type { DecisionRecord, OutcomeRecord } from '@/lib/audit/model'
import { storable } from '@/lib/audit/storable'
import type { JsonObject } from '@/lib/policy'

export interface RecordText {
  /** JSON on one line, its members in the record's own order. */
  readonly text: string
  /** SHA-256 of the record's canonical form (lib/audit/chain.ts); absent where it must be taken from the line. */
  readonly digest?: string
}

/**
 * A record's line and the digest of its canonical form. Both are put together from the same members, each written once:
 * writing them one after the other was a third of what a call cost. What is out of the ordinary (numbers that no double
 * holds, text that Postgres refuses) goes the long way.
 */
export function recordText(record: DecisionRecord | OutcomeRecord): RecordText {
  const members = record as unknown as JsonObject
  const keys = Object.keys(members)
  const order = orderOf(keys)
  if (!order) return recordTextWithCare(record)
  const { labels, canonical } = order
  const written: string[] = []
  let text = ''
  for (let i = 0; i < keys.length; i++) {
    const value = members[keys[i] as string]
    // What the caller sent is not kept; all else is the same from call to call.
    const json = keys[i] === 'arguments' ? canonicalText(value) : memberText(order, i, value)
    if (json === undefined) return recordTextWithCare(record)
    const member = (labels[i] as string) + json
    written.push(value === null ? '' : member)
    text += (i === 0 ? '' : ',') + member
  }
  let whole = ''
  for (const i of canonical) {
    const member = written[i] as string
    if (member !== '') whole += (whole === '' ? '' : ',') + member
  }
  return { text: `{${text}}`, digest: sha256(`{${whole}}`) }
}

/** The same by the code that everybody else uses. */
export function recordTextWithCare(record: DecisionRecord | OutcomeRecord): RecordText {
  const { text, isAsItWas } = storable(record)
  // The chain covers what is stored: with escapes its digest is taken from the line.
  return isAsItWas ? { text, digest: sha256(canonicalOf(record as unknown as JsonObject)) } : { text }
}
