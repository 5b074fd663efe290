import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { database } from '@/lib/db/current'
import type { Sql } from '@/lib/db/sql'
import { boundedRead, readOrGiveUp } from '../queries/bounded-read'
import { Cursor, SinkKind, targetOf } from './model'
import { readHeads, readOldestUnsent } from './read-links'
import { FORWARDER_LOCK } from './store'

export interface SinkView {
  readonly name: string
  readonly kind: SinkKind
  /** Where it leads, for people. */
  readonly target: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Those that are set; their values are never shown. */
  readonly secretNames: readonly string[]
  readonly effects: readonly string[]
  readonly servers: readonly string[]
  readonly withArguments: boolean
  /** `failing`: the last attempt was not taken. */
  readonly state: 'running' | 'paused' | 'failing'
  readonly sent: number
  readonly failures: number
  /** Records that were gone before they were sent. */
  readonly missing: number
  readonly lastSentAt: Date | null
  readonly lastError: string | null
  readonly lastErrorAt: Date | null
  readonly createdAt: Date
  /** Records that were not sent yet, those that nobody wants included; null when that took too long to find. */
  readonly behind: number | null
  /** When the oldest of them was recorded. */
  readonly oldestUnsentAt: Date | null
}

export interface SinksView {
  readonly sinks: readonly SinkView[]
  /** Whether a forwarder runs for this database. */
  readonly isForwarding: boolean
}

interface Row
  extends Omit<SinkView, 'target' | 'state' | 'sent' | 'failures' | 'missing' | 'behind' | 'oldestUnsentAt'> {
  readonly isPaused: boolean
  readonly sent: string
  readonly failures: string
  readonly missing: string
  readonly cursor: unknown
}

/** What of a read may take this long; past it the page goes without. */
const LAG_MS = 1_000
const MOST_SINKS = 200

/** Every sink with how far it is, by name. @throws Refusal */
export async function readSinks(actor: Actor): Promise<SinksView> {
  authorise(actor, 'read')
  return boundedRead(async sql => {
    const rows = await readRows(sql, null)
    const heads = rows.length > 0 ? await readOrGiveUp(sql, LAG_MS, () => readHeads(sql)) : null
    const sinks: SinkView[] = []
    for (const row of rows) sinks.push(await viewOf(sql, row, heads))
    return { sinks, isForwarding: await holdsLock(sql) }
  })
}

/** One sink. @throws Refusal `not_found` */
export async function readSink(actor: Actor, name: string): Promise<SinkView> {
  authorise(actor, 'read')
  return boundedRead(async sql => {
    const [row] = await readRows(sql, name)
    if (!row) throw new Refusal('not_found', `There is no sink ${name}.`)
    return viewOf(sql, row, await readOrGiveUp(sql, LAG_MS, () => readHeads(sql)))
  })
}

/** Whether a forwarder runs for this database; no question of rights, since it says nothing of anything kept. */
export function isForwarding(): Promise<boolean> {
  return holdsLock(database().sql)
}

async function readRows(sql: Sql, name: string | null): Promise<Row[]> {
  const rows = await sql.query<Row>(
    `SELECT name, kind, settings, secret_names AS "secretNames", effects, servers, with_arguments AS "withArguments",
       paused_at IS NOT NULL AS "isPaused", sent, failures, missing, last_sent_at AS "lastSentAt", last_error AS "lastError",
       last_error_at AS "lastErrorAt", created_at AS "createdAt", cursor
     FROM sinks WHERE $1::text IS NULL OR name = $1 ORDER BY name LIMIT ${MOST_SINKS}`,
    [name],
  )
  return rows.map(row => ({ ...row, kind: SinkKind.parse(row.kind) }))
}

async function viewOf(sql: Sql, row: Row, heads: ReadonlyMap<string, number> | null): Promise<SinkView> {
  const { isPaused, cursor: stored, sent, failures, missing, ...rest } = row
  const cursor = Cursor.parse(stored)
  const behind = heads && [...heads].reduce((sum, [chain, head]) => sum + Math.max(0, head - (cursor[chain] ?? 0)), 0)
  const oldest = heads && behind ? await readOrGiveUp(sql, LAG_MS, () => readOldestUnsent(sql, cursor, heads)) : null
  return {
    ...rest,
    target: targetOf(row.kind, row.settings),
    state: isPaused ? 'paused' : isFailing(row) ? 'failing' : 'running',
    sent: Number(sent),
    failures: Number(failures),
    missing: Number(missing),
    behind,
    oldestUnsentAt: oldest,
  }
}

function isFailing({ lastSentAt, lastErrorAt }: Pick<Row, 'lastSentAt' | 'lastErrorAt'>): boolean {
  return lastErrorAt !== null && (lastSentAt === null || lastErrorAt > lastSentAt)
}

async function holdsLock(sql: Sql): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 AS held FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND objsubid = 2 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [...FORWARDER_LOCK],
  )
  return rows.length > 0
}
