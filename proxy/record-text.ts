import { canonicalText } from '@/lib/audit/canonical-text'
import { canonicalRecord, sha256 } from '@/lib/audit/chain'
import type { DecisionRecord, OutcomeRecord } from '@/lib/audit/model'
import { storable } from '@/lib/audit/storable'

export interface RecordText {
  /** The record's canonical form (lib/audit/chain.ts), which is JSON on one line. */
  readonly text: string
  /** SHA-256 of it. */
  readonly digest: string
}

/** A text that is a record's canonical form. */
export function digested(text: string): RecordText {
  return { text, digest: sha256(text) }
}

/**
 * A record as the line that is kept of it: its canonical form, so that one text is both stored and hashed. What is out of
 * the ordinary (numbers that no double holds, text that Postgres refuses) goes the long way.
 * @param argumentsText the canonical form of its arguments, where it is known
 */
export function recordText(record: DecisionRecord | OutcomeRecord, argumentsText?: string): RecordText {
  const members: string[] = []
  for (const [key, value] of Object.entries(record).sort(byKey)) {
    if (value === null || value === undefined) continue
    const json = key === 'arguments' && argumentsText !== undefined ? argumentsText : canonicalText(value)
    const name = canonicalText(key)
    if (json === undefined || name === undefined) return recordTextWithCare(record)
    members.push(`${name}:${json}`)
  }
  return digested(`{${members.join(',')}}`)
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}

/** The same of an outcome, which nearly always holds nothing that JSON escapes. */
export function outcomeText(outcome: OutcomeRecord): RecordText {
  const { decision_id, decision_time, duration_ms, error, is_error, kind, recorded_at, result_bytes, status } = outcome
  if (error !== null) return recordText(outcome)
  return digested(
    `{"decision_id":"${decision_id}","decision_time":"${decision_time}"${number('duration_ms', duration_ms)}` +
      `,"is_error":${is_error},"kind":"${kind}","record_version":${outcome.record_version},"recorded_at":"${recorded_at}"` +
      `${number('result_bytes', result_bytes)}${number('status', status)}}`,
  )
}

function number(key: string, value: number | null): string {
  return value === null ? '' : `,"${key}":${value}`
}

/** A record by the code that everybody else uses. */
export function recordTextWithCare(record: DecisionRecord | OutcomeRecord): RecordText {
  return digested(canonicalRecord(storable(record).text))
}
