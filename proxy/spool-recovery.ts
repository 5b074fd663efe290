import { readFileSync } from 'node:fs'
import { type OutcomeRecord, RECORD_VERSION } from '@/lib/audit/model'
import { recordText } from './record-text'
import type { Spool } from './spool'
import { aboutOf } from './spool-line'
import { decodeLines } from './spool-lines'

export interface Recovery {
  /** Calls that were under way when the earlier run ended. */
  readonly unknown: number
  /** Lines whose checksum was wrong, torn tails included. */
  readonly damaged: number
}

/**
 * Reads what an earlier run left. A decision to forward that has no outcome was under way when that run ended: nobody
 * knows what became of it, and its outcome says so. A torn tail was never acknowledged, so it is no record.
 * @param now epoch milliseconds
 */
export async function recoverSpool(spool: Spool, now: number): Promise<Recovery> {
  const open = new Map<string, string>()
  const closed = new Set<string>()
  let damaged = 0
  for (const segment of spool.segments) {
    const bytes = readFileSync(segment.file)
    const { lines, consumed, damaged: broken } = decodeLines(bytes, Number.POSITIVE_INFINITY)
    damaged += broken + (consumed < bytes.length ? 1 : 0)
    for (const line of lines) {
      const decision = aboutOf(line)
      if (!decision) continue
      if (decision.identityId) spool.shares.take(segment.number, decision.identityId, line.size)
      if (line.kind === 'o') {
        open.delete(decision.id)
        closed.add(decision.id)
      } else if (line.kind !== 'd' && !closed.has(decision.id)) open.set(decision.id, decision.time)
    }
  }
  const appended = [...open].map(([id, time]) =>
    spool.append('o', recordText(unknownOutcome(id, time, now)).text, { id, time }),
  )
  await Promise.all(appended)
  return { unknown: open.size, damaged }
}

/** The outcome of a call that was cut off: `now` is epoch milliseconds. */
export function unknownOutcome(id: string, time: string, now: number): OutcomeRecord {
  return {
    decision_id: id,
    decision_time: time,
    record_version: RECORD_VERSION,
    kind: 'unknown',
    is_error: false,
    status: null,
    duration_ms: null,
    result_bytes: null,
    error: 'The proxy ended before an answer came.',
    recorded_at: new Date(now).toISOString(),
  }
}
