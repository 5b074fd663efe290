import type { LinkKind } from './chain'
import { DecisionRecord, OutcomeRecord } from './model'

/** A link as Postgres holds it, read back. */
export interface LinkRow {
  /** UUID; null for a record from before there were chains. */
  readonly chain: string | null
  readonly sequence: string | null
  /** Hex. */
  readonly hash: string | null
  /** JSON of the record, to be put into its canonical form. */
  readonly record: string
}

const TIMES = new Set(['time', 'decision_time', 'recorded_at'])
const isoOf = (column: string, alias: string) =>
  `to_char(${alias}.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`

function recordOf(columns: readonly string[], alias: string): string {
  const listed = columns.map(column => (TIMES.has(column) ? isoOf(column, alias) : `${alias}.${column}`))
  return `(SELECT row_to_json(r)::text FROM (SELECT ${listed.join(', ')}) r)`
}

const columnsOf: Record<LinkKind, readonly string[]> = {
  decision: Object.keys(DecisionRecord.shape).sort(),
  outcome: Object.keys(OutcomeRecord.shape).sort(),
}

/** What a query selects of `decisions d` or `outcomes o` to give `LinkRow`s. */
export const selectedLink: Record<LinkKind, string> = {
  decision: linkOf('decision', 'd'),
  outcome: linkOf('outcome', 'o'),
}

function linkOf(kind: LinkKind, alias: string): string {
  return `${alias}.chain, ${alias}.sequence, encode(${alias}.hash, 'hex') AS hash, ${recordOf(columnsOf[kind], alias)} AS record`
}
