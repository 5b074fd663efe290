import { isJsonObject, readJson } from '@/lib/policy'
import { type Finding, type FindingKind, MOST_FINDINGS } from './model'

/** Findings as they come, bounded; counts go on. */
export class Findings {
  readonly list: Finding[] = []
  readonly counts: Partial<Record<FindingKind, number>> = {}

  add(finding: Finding, count = 1): void {
    this.counts[finding.kind] = (this.counts[finding.kind] ?? 0) + count
    if (this.list.length < MOST_FINDINGS) this.list.push(finding)
  }

  /** Whether something was found in this chain between two places, the first one excluded. */
  hasWithin(chain: string, after: number, upTo: number): boolean {
    return this.list.some(
      ({ chain: of, sequence }) => of === chain && sequence !== null && sequence > after && sequence <= upTo,
    )
  }
}

/** The decision that a record's JSON speaks of. */
export function decisionIn(record: string | null): string | null {
  const reading = record === null ? null : readJson(record)
  if (!reading?.ok || !isJsonObject(reading.value)) return null
  const id = reading.value.decision_id ?? reading.value.id
  return typeof id === 'string' ? id : null
}
