import type { Actor } from '@/lib/auth/model'
import type { Sql } from '@/lib/db/sql'
import { type RecordFilter, type ShownEffect, shownEffect } from '../filter/model'
import { type TimeWindow, windowOf } from '../filter/range'
import { authoriseView } from './authorise-view'
import { boundedRead, readOrGiveUp } from './bounded-read'
import { type WalkOptions, walk } from './walk'
import { parseCursor, type Where, whereOf, writeCursor } from './where'

/** What became of a forwarded call; null where there is none, yet or ever. */
export interface OutcomeView {
  kind: string
  isError: boolean
  status: number | null
  durationMs: number | null
  resultBytes: number | null
  error: string | null
  recordedAt: Date
}

/** One line of a list: no arguments, no reasons. */
export interface DecisionRow {
  id: string
  time: Date
  effect: ShownEffect
  /** What it would have been with the shadow rules; null when the same. */
  shadowEffect: string | null
  code: string | null
  method: string
  server: string
  tool: string | null
  category: string | null
  risk: string | null
  identity: string | null
  rule: string | null
  line: number | null
  /** Server slug, or `*` for the every-server document. */
  policy: string | null
  revision: number | null
  outcome: Pick<OutcomeView, 'kind' | 'isError' | 'durationMs'> | null
}

export interface DecisionPage {
  rows: DecisionRow[]
  /** Where the next older page starts; null on the last one. */
  older: string | null
  /** Its newest record, to hold the list there; null on an empty page. */
  newest: string | null
  /** Records that came after `hold`, at most `MOST_NEWER`; 0 without one. */
  newer: number
  /** Set when the page is not full and older time was not looked at yet: `older` goes on there. */
  searchedBackTo: Date | null
  window: TimeWindow
}

/** More than this many held records are shown as `99+`. */
export const MOST_NEWER = 100

export interface PageOptions {
  /** As `DecisionPage.older` gave it. */
  before?: string | undefined
  /** As `DecisionPage.newest` gave it: the list stands still there, and what is newer is only counted. */
  hold?: string | undefined
  /** At most 200. */
  limit?: number
  /** Milliseconds after which a search that found something shows it; the rest is asked for with `older`. */
  showAfterMs?: number
  nowMs?: number
}

const MOST_ROWS = 200
/** Before every id of its millisecond. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const LONGEST_COUNT_MS = 500

export const listed = `d.id, d.time, d.effect, d.shadow_effect, d.code, d.method, d.server, d.tool, d.category, d.risk, d.identity,
  d.rule, d.line, d.policy, d.revision`

export interface StoredRow {
  id: string
  time: Date
  effect: string
  shadow_effect: string | null
  code: string | null
  method: string
  server: string
  tool: string | null
  category: string | null
  risk: string | null
  identity: string | null
  rule: string | null
  line: number | null
  policy: string | null
  revision: string | null
  kind: string | null
  is_error: boolean | null
  duration_ms: number | null
}

/** A page of decision records, newest first, by keyset: rows that arrive meanwhile move nothing. @throws Refusal */
export async function readDecisions(
  actor: Actor,
  filter: RecordFilter,
  { before, hold, limit = 50, showAfterMs, nowMs = Date.now() }: PageOptions = {},
): Promise<DecisionPage> {
  authoriseView(actor, filter)
  const window = windowOf(filter.range, nowMs)
  const older = parseCursor(before)
  const held = older ? undefined : parseCursor(hold)
  const from: Pick<WalkOptions, 'cursor' | 'side'> = older ? { cursor: older } : { cursor: held, side: 'not_newer' }
  return boundedRead(async sql => {
    // One row more than is shown says whether there is an older page.
    const wanted = Math.min(limit, MOST_ROWS)
    const options = { ...from, limit: wanted + 1, ...(showAfterMs === undefined ? {} : { showAfterMs }) }
    const { rows, searchedTo } = await walk<StoredDecision>(sql, filter, window, listed, options)
    const newer = held ? await countNewer(sql, whereOf(filter, window, { cursor: held, side: 'newer' })) : 0
    return { ...pageOf(await withOutcomes(sql, rows), wanted, searchedTo), newer, window }
  })
}

type StoredDecision = Omit<StoredRow, 'kind' | 'is_error' | 'duration_ms'>
type StoredOutcome = Pick<StoredRow, 'kind' | 'is_error' | 'duration_ms'>
const none: StoredOutcome = { kind: null, is_error: null, duration_ms: null }

/** What became of calls, as far as it is recorded. The bounds prune the partitions. */
export async function withOutcomes<Row extends { id: string; time: Date }>(
  sql: Sql,
  rows: readonly Row[],
): Promise<(Row & StoredOutcome)[]> {
  if (rows.length === 0) return []
  const times = rows.map(row => row.time.getTime())
  const outcomes = await sql.query<StoredOutcome & { id: string }>(
    `SELECT k.id, o.kind, o.is_error, o.duration_ms FROM unnest($1::timestamptz[], $2::uuid[]) AS k(time, id)
     JOIN outcomes o ON o.decision_time = k.time AND o.decision_id = k.id AND o.decision_time >= $3 AND o.decision_time <= $4`,
    [rows.map(row => row.time), rows.map(row => row.id), new Date(Math.min(...times)), new Date(Math.max(...times))],
  )
  const byId = new Map(outcomes.map(({ id, ...outcome }) => [id, outcome]))
  return rows.map(row => ({ ...row, ...(byId.get(row.id) ?? none) }))
}

function pageOf(
  stored: readonly StoredRow[],
  limit: number,
  searchedTo: Date | null,
): Pick<DecisionPage, 'rows' | 'older' | 'newest' | 'searchedBackTo'> {
  const rows = stored.slice(0, limit).map(rowOf)
  const [first, last] = [rows[0], rows.at(-1)]
  const older = stored.length > limit ? last : searchedTo && { time: searchedTo, id: FIRST_ID }
  return {
    rows,
    older: older ? writeCursor(older) : null,
    newest: first ? writeCursor(first) : null,
    searchedBackTo: searchedTo,
  }
}

async function countNewer(sql: Sql, where: Where): Promise<number> {
  const rows = await readOrGiveUp(sql, LONGEST_COUNT_MS, () =>
    sql.query<{ count: string }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM decisions d WHERE ${where.text} LIMIT ${MOST_NEWER}) newer`,
      where.parameters,
    ),
  )
  return Number(rows?.[0]?.count ?? 0)
}

export function rowOf(row: StoredRow): DecisionRow {
  return {
    id: row.id,
    time: row.time,
    effect: shownEffect(row.effect, row.code),
    shadowEffect: row.shadow_effect,
    code: row.code,
    method: row.method,
    server: row.server,
    tool: row.tool,
    category: row.category,
    risk: row.risk,
    identity: row.identity,
    rule: row.rule,
    line: row.line,
    policy: row.policy,
    revision: row.revision === null ? null : Number(row.revision),
    outcome: row.kind === null ? null : { kind: row.kind, isError: row.is_error === true, durationMs: row.duration_ms },
  }
}
