import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import type { Sql } from '@/lib/db/sql'
import { boundedRead } from './bounded-read'
import { type DecisionRow, listed, rowOf, type StoredRow, withOutcomes } from './decisions'
import { type Cursor, parseCursor, writeCursor } from './where'

/** All calls of one session, oldest first, a page at a time. */
export interface SessionView {
  session: string
  /** Who called; more than one when a session changed hands. */
  identities: (string | null)[]
  servers: string[]
  client: string | null
  /** Of the whole session. */
  first: Date
  last: Date
  calls: DecisionRow[]
  /** Where the next page starts; null on the last one. */
  next: string | null
}

const PAGE = 200

interface SessionRow extends StoredRow {
  client_name: string | null
  client_version: string | null
}

/** The timeline of a session; null when no record names it. @throws Refusal */
export async function readSession(
  actor: Actor,
  session: string,
  { after }: { after?: string | undefined } = {},
): Promise<SessionView | null> {
  authorise(actor, 'read')
  if (session === '' || session.length > 200 || session.includes('\u0000')) return null
  return boundedRead(async sql => {
    const [first, last] = [await selectEdge(sql, session, 'ASC'), await selectEdge(sql, session, 'DESC')]
    if (!first || !last) return null
    const rows = await selectCalls(sql, session, [first, last], parseCursor(after))
    const shown = rows.slice(0, PAGE)
    const end = shown.at(-1)
    return {
      session,
      identities: [...new Set(shown.map(row => row.identity))],
      servers: [...new Set(shown.map(row => row.server))],
      client: [shown[0]?.client_name, shown[0]?.client_version].filter(Boolean).join(' ') || null,
      first,
      last,
      calls: shown.map(rowOf),
      next: rows.length > PAGE && end ? writeCursor(end) : null,
    }
  })
}

async function selectEdge(sql: Sql, session: string, order: 'ASC' | 'DESC'): Promise<Date | undefined> {
  const [row] = await sql.query<{ time: Date }>(
    `SELECT time FROM decisions WHERE session = $1 ORDER BY time ${order} LIMIT 1`,
    [session],
  )
  return row?.time
}

/** The bounds, which are the session's own, prune the partitions. */
async function selectCalls(
  sql: Sql,
  session: string,
  [first, last]: [Date, Date],
  after: Cursor | undefined,
): Promise<SessionRow[]> {
  const from = after ? new Date(after.timeMs) : first
  const beyond = after ? 'AND (d.time, d.id) > ($2::timestamptz, $4::uuid)' : ''
  const rows = await sql.query<Omit<SessionRow, 'kind' | 'is_error' | 'duration_ms'>>(
    `SELECT ${listed}, d.client_name, d.client_version FROM decisions d
     WHERE d.session = $1 AND d.time >= $2::timestamptz AND d.time <= $3::timestamptz ${beyond}
     ORDER BY d.time, d.id LIMIT ${PAGE + 1}`,
    [session, from, last, ...(after ? [after.id] : [])],
  )
  return withOutcomes(sql, rows)
}
