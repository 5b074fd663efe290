import type { LinkKind } from './chain'
import { DecisionRecord, OutcomeRecord } from './model'

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

/** SQL that gives the JSON of a record of `decisions d` or `outcomes o`, without its place in the chain. */
export const selectedRecord: Record<LinkKind, string> = {
  decision: recordOf(columnsOf.decision, 'd'),
  outcome: recordOf(columnsOf.outcome, 'o'),
}
