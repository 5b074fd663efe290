import type { Sql } from '@/lib/db/sql'
import { Cursor, type SinkKind } from './model'

/** A sink as the forwarder needs it. */
export interface ForwardedSink {
  readonly id: string
  readonly name: string
  readonly kind: SinkKind
  readonly settings: unknown
  /** Open with `openSecrets`. */
  readonly sealed: Uint8Array | null
  readonly effects: readonly string[]
  readonly servers: readonly string[]
  readonly withArguments: boolean
  readonly isPaused: boolean
  /** A test that nobody has answered yet. */
  readonly test: string | null
}

/** Every sink, by name. */
export function readSinksToForward(sql: Sql): Promise<ForwardedSink[]> {
  return sql.query<ForwardedSink>(`
    SELECT id::text AS id, name, kind, settings, sealed, effects, servers, with_arguments AS "withArguments",
      paused_at IS NOT NULL AS "isPaused",
      CASE WHEN test_wanted IS DISTINCT FROM test_done THEN test_wanted::text END AS test
    FROM sinks ORDER BY name`)
}

/** How far a sink has come. */
export async function readCursor(sql: Sql, id: string): Promise<Cursor> {
  const [row] = await sql.query<{ cursor: unknown }>('SELECT cursor FROM sinks WHERE id = $1::uuid', [id])
  return Cursor.parse(row?.cursor ?? {})
}

/** What was confirmed of one chain. */
export interface Progress {
  readonly chain: string
  /** Up to and with this number. */
  readonly upTo: number
  readonly sent: number
  /** Records that were gone before they could be sent. */
  readonly missing: number
  /** What is worth saying though it went on. */
  readonly note: string | null
}

/** Saves what a receiver has confirmed. One chain's number at a time, so that two forwarders never undo each other's. */
export async function saveProgress(sql: Sql, id: string, progress: Progress): Promise<void> {
  const { chain, upTo, sent, missing, note } = progress
  await sql.query(
    `UPDATE sinks SET cursor = cursor || jsonb_build_object($2::text, $3::bigint), sent = sent + $4, missing = missing + $5,
       last_sent_at = CASE WHEN $4 > 0 THEN now() ELSE last_sent_at END,
       last_error = coalesce($6, last_error), last_error_at = CASE WHEN $6::text IS NULL THEN last_error_at ELSE now() END
     WHERE id = $1::uuid`,
    [id, chain, upTo, sent, missing, note],
  )
}

/** Chains that a cursor remembers at most; those beyond it whose records are all gone are forgotten, the oldest first. */
const MOST_CHAINS = 10_000

/** Keeps a cursor bounded. @param heads chains that have records @returns what is left of it */
export async function boundCursor(
  sql: Sql,
  id: string,
  cursor: Cursor,
  heads: ReadonlyMap<string, number>,
): Promise<Cursor> {
  const chains = Object.keys(cursor)
  if (chains.length <= MOST_CHAINS || heads.size === 0) return cursor
  // Chains are UUIDv7: their names sort by when they began.
  const gone = chains.filter(chain => !heads.has(chain)).sort()
  const forgotten = new Set(gone.slice(0, chains.length - MOST_CHAINS))
  await sql.query('UPDATE sinks SET cursor = cursor - $2::text[] WHERE id = $1::uuid', [id, [...forgotten]])
  return Object.fromEntries(Object.entries(cursor).filter(([chain]) => !forgotten.has(chain)))
}

/** Saves why a batch was not taken. */
export async function saveFailure(sql: Sql, id: string, message: string): Promise<void> {
  await sql.query(
    'UPDATE sinks SET failures = failures + 1, last_error = $2, last_error_at = now() WHERE id = $1::uuid',
    [id, message],
  )
}

/** Answers a test. @param error null when the receiver took it */
export async function saveTest(sql: Sql, id: string, test: string, error: string | null): Promise<void> {
  await sql.query(
    `UPDATE sinks SET test_done = $2::uuid, test_error = $3,
       last_error = CASE WHEN $3::text IS NULL THEN NULL ELSE last_error END,
       last_error_at = CASE WHEN $3::text IS NULL THEN NULL ELSE last_error_at END
     WHERE id = $1::uuid`,
    [id, test, error],
  )
}

/** The lock that the one forwarder of a database holds, as the two numbers that `pg_locks` shows. */
export const FORWARDER_LOCK = [1_768_846_435, 1] as const
