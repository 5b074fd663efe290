import { canonicalText, memberText, orderOf } from '@/lib/audit/canonical-text'
import { canonicalRecord, sha256 } from '@/lib/audit/chain'
import type { DecisionRecord, OutcomeRecord } from '@/lib/audit/model'
import { storable } from '@/lib/audit/storable'
import type { JsonObject } from '@/lib/policy'

export interface RecordText {
  /** The record's canonical form (lib/audit/chain.ts), which is JSON on one line. */
  readonly text: string
  /** SHA-256 of it. */
  readonly digest: string
}

export interface KnownTexts {
  readonly arguments?: string | undefined
  readonly reasons?: string | undefined
}

/**
 * A record as the line that is kept of it: its canonical form, so that one text is both stored and hashed. What is out of
 * the ordinary (numbers that no double holds, text that Postgres refuses) goes the long way.
 * @param known members whose canonical form is known
 */
export function recordText(record: DecisionRecord | OutcomeRecord, known: KnownTexts = {}): RecordText {
  const members = record as unknown as JsonObject
  const keys = Object.keys(members)
  const order = orderOf(keys)
  if (!order) return recordTextWithCare(record)
  const { labels, canonical } = order
  const written: string[] = []
  for (const i of canonical) {
    const value = members[keys[i] as string]
    if (value === null || value === undefined) continue
    // What the caller sent is not kept; all else is the same from call to call.
    const json =
      textOf(keys[i] as string, known) ?? (keys[i] === 'arguments' ? canonicalText(value) : memberText(order, i, value))
    if (json === undefined) return recordTextWithCare(record)
    written.push((labels[i] as string) + json)
  }
  const text = `{${written.join(',')}}`
  return { text, digest: sha256(text) }
}

function textOf(key: string, known: KnownTexts): string | undefined {
  return key === 'arguments' ? known.arguments : key === 'reasons' ? known.reasons : undefined
}

/** The same by the code that everybody else uses. */
export function recordTextWithCare(record: DecisionRecord | OutcomeRecord): RecordText {
  const text = canonicalRecord(storable(record).text)
  return { text, digest: sha256(text) }
}
