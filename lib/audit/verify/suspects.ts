import { isJsonObject, type JsonObject, readJson } from '@/lib/policy'
import { canonicalOf, linkHash, sha256 } from '../chain'
import { decisionIn, type Findings } from './findings'
import type { FindingKind, LinkInput } from './model'

/** A record that does not give the hash of its link. */
export interface Suspect {
  readonly link: LinkInput
  /** Stored hash of the link before. */
  readonly previous: string
}

/** Pairs are tried, so this many records cost some ten thousand hashes. */
const MOST_PAIRED = 100
/** Places by which numbers behind a deleted record may have been moved up. */
const MOST_SHIFT = 16

/** Says of each suspect what was done to it, as far as the hashes tell. */
export function diagnose(suspects: readonly Suspect[], findings: Findings): void {
  const tried = suspects.slice(0, MOST_PAIRED)
  let moved = 0
  for (const [i, suspect] of suspects.entries()) {
    const { link } = suspect
    // Records that were numbered anew behind a deleted one are its consequence.
    if (shiftOf(suspect) > 0 && moved === link.sequence - 1) {
      moved = link.sequence
      continue
    }
    const [kind, message] = whatHappened(suspect, suspects[i + 1], tried)
    if (kind === 'missing') moved = link.sequence
    findings.add({ kind, chain: link.chain, sequence: link.sequence, decision: decisionIn(link.record), message })
  }
}

function whatHappened(suspect: Suspect, next: Suspect | undefined, tried: readonly Suspect[]): [FindingKind, string] {
  const { sequence } = suspect.link
  if (shiftOf(suspect) > 0)
    return ['missing', `The record was number ${sequence + shiftOf(suspect)}: one before it is gone.`]
  if (next && next.link.sequence === sequence + 1 && shiftOf(next) > 0)
    return ['missing', 'The record that stood here is gone, and those behind it were numbered anew.']
  for (const other of tried) {
    if (other === suspect) continue
    if (standsAt(suspect, other.link.digest, other.link.kind))
      return ['reordered', `The record of number ${other.link.sequence} belongs here.`]
    if (isSwappedOutcome(suspect, other))
      return ['swapped_outcome', `It was exchanged with the outcome at number ${other.link.sequence}.`]
  }
  return ['edited', 'The record does not give its hash: it was changed, or its hash or the one before it was.']
}

function standsAt({ link, previous }: Suspect, digest: string, kind: LinkInput['kind']): boolean {
  return linkHash(previous, link.sequence, kind, digest) === link.hash
}

function shiftOf({ link, previous }: Suspect): number {
  for (let by = 1; by <= MOST_SHIFT; by++)
    if (linkHash(previous, link.sequence + by, link.kind, link.digest) === link.hash) return by
  return 0
}

/** Whether the outcome fits again with the other's call, or the call with the other's outcome. */
function isSwappedOutcome(suspect: Suspect, other: Suspect): boolean {
  if (suspect.link.kind !== 'outcome' || other.link.kind !== 'outcome') return false
  const [own, its] = [recordOf(suspect.link), recordOf(other.link)]
  if (!own || !its) return false
  return [callOf(own, its), callOf(its, own)].some(mended => standsAt(suspect, sha256(canonicalOf(mended)), 'outcome'))
}

/** One outcome with the call of another. */
function callOf(outcome: JsonObject, of: JsonObject): JsonObject {
  return { ...outcome, decision_id: of.decision_id ?? null, decision_time: of.decision_time ?? null }
}

function recordOf({ record }: LinkInput): JsonObject | null {
  const reading = record === null ? null : readJson(record)
  return reading?.ok && isJsonObject(reading.value) ? reading.value : null
}
