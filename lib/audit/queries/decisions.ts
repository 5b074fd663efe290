import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import type { Sql } from '@/lib/db/sql'
import { type RecordFilter, type ShownEffect, shownEffect } from '../filter/model'
import { type TimeWindow, windowOf } from '../filter/range'
import { boundedRead } from './bounded-read'
import { type Cursor, type Where, whereOf } from './where'

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
  nowMs?: number
}

const MOST_ROWS = 200

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
  { before, hold, limit = 50, nowMs = Date.now() }: PageOptions = {},
): Promise<DecisionPage> {
  authorise(actor, 'read')
  const window = windowOf(filter.range, nowMs)
  const older = parseCursor(before)
  const held = older ? undefined : parseCursor(hold)
  return boundedRead(async sql => {
    const where = older ? whereOf(filter, window, older) : whereOf(filter, window, held, 'not_newer')
    const page = await selectRows(sql, where, Math.min(limit, MOST_ROWS))
    return { ...page, newer: held ? await countNewer(sql, whereOf(filter, window, held, 'newer')) : 0, window }
  })
}

async function selectRows(
  sql: Sql,
  where: Where,
  limit: number,
): Promise<Pick<DecisionPage, 'rows' | 'older' | 'newest'>> {
  // One row more than is shown says whether there is an older page. The bounds on outcomes prune their partitions.
  const stored = await sql.query<StoredRow>(
    `SELECT d.*, o.kind, o.is_error, o.duration_ms
     FROM (SELECT ${listed} FROM decisions d WHERE ${where.text} ORDER BY d.time DESC, d.id DESC LIMIT ${limit + 1}) d
     LEFT JOIN outcomes o ON o.decision_time = d.time AND o.decision_id = d.id AND o.decision_time >= $1 AND o.decision_time < $2
     ORDER BY d.time DESC, d.id DESC`,
    where.parameters,
  )
  const rows = stored.slice(0, limit).map(rowOf)
  const [first, last] = [rows[0], rows.at(-1)]
  return {
    rows,
    older: stored.length > limit && last ? writeCursor(last) : null,
    newest: first ? writeCursor(first) : null,
  }
}

async function countNewer(sql: Sql, where: Where): Promise<number> {
  const [row] = await sql.query<{ count: string }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM decisions d WHERE ${where.text} LIMIT ${MOST_NEWER}) newer`,
    where.parameters,
  )
  return Number(row?.count ?? 0)
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

function writeCursor(row: { time: Date; id: string }): string {
  return `${row.time.getTime()}.${row.id}`
}

/** An unreadable cursor is the first page: a link cut short still shows something true. */
function parseCursor(text: string | undefined): Cursor | undefined {
  const match = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text ?? '')
  return match?.[1] && match[2] ? { timeMs: Number(match[1]), id: match[2] } : undefined
}
