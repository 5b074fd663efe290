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

/** SQL that gives the distinct chains of a table by its index, one look a chain instead of one a row. */
export const chainsOf = (table: 'decisions' | 'outcomes' | 'quarantine') => `SELECT chain FROM (
  WITH RECURSIVE walk AS (
    (SELECT chain FROM ${table} WHERE chain IS NOT NULL ORDER BY chain LIMIT 1)
    UNION ALL
    SELECT (SELECT t.chain FROM ${table} t WHERE t.chain > walk.chain ORDER BY t.chain LIMIT 1) FROM walk WHERE walk.chain IS NOT NULL
  ) SELECT chain FROM walk WHERE chain IS NOT NULL) ${table}_chains`
