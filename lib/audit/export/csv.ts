import { type JsonObject, readJson, writeJson } from '@/lib/policy'
import { DecisionRecord, OutcomeRecord } from '../model'
import type { LinkInput } from '../verify/model'
import type { UnlinkedRecord } from './ndjson'

const places = ['record', 'chain', 'sequence', 'hash', 'checkpoint']
/** An outcome's row stands under the id and time of its decision. */
const outcomeColumns = Object.keys(OutcomeRecord.shape).filter(name => !/^decision_|^record_version$/.test(name))
const columns = [...Object.keys(DecisionRecord.shape), ...outcomeColumns.map(name => `outcome_${name}`)]

/** The first line, by RFC 4180. */
export function csvHead(): string {
  return rowOf([...places, ...columns])
}

/** One record a row, `record` says which: a decision, or the outcome of one. */
export function csvLine(item: LinkInput | UnlinkedRecord, coveredBy: number | null): string {
  const [chain, sequence, hash] = 'chain' in item ? [item.chain, item.sequence, item.hash] : [null, null, null]
  const reading = readJson(item.record ?? '{}')
  const record = (reading.ok ? reading.value : {}) as JsonObject
  const cells = columns.map(name => {
    if (item.kind === 'decision') return record[name]
    if (name === 'id' || name === 'time') return record[`decision_${name}`]
    return name.startsWith('outcome_') ? record[name.slice('outcome_'.length)] : undefined
  })
  return rowOf([item.kind, chain, sequence, hash, coveredBy, ...cells])
}

function rowOf(cells: readonly unknown[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : writeJson(value)
  // A table calculates what begins like a formula; agents choose many of these texts.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
