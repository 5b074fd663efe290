import { z } from 'zod'
import type { Sql } from '@/lib/db/sql'
import type { Link } from './chain'
import { SeenCheckpoint } from './checkpoint'
import type { CheckpointTimestamp } from './timestamp/model'

/** A JSON array in UTF-8: lines that are shipped are never made into text. */
export interface JsonArray {
  readonly bytes: Buffer
  readonly count: number
}

/** JSON texts, or an array of them. */
export type JsonTexts = readonly string[] | JsonArray

/**
 * Hands spool lines to the record's only door. Idempotent: a record that is there already changes nothing.
 * @param decisions decision records, as spooled
 * @param outcomes outcome records, as spooled
 * @returns how many decisions were new
 * @throws what Postgres says; the whole batch is then unrecorded
 */
export async function recordCalls(sql: Sql, decisions: JsonTexts, outcomes: JsonTexts): Promise<number> {
  // The larger one last: pg makes room for each anew and copies what stands there already.
  const [row] = await sql.query<{ inserted: number }>(
    'SELECT record_calls($2::text::jsonb, $1::text::jsonb) AS inserted',
    [bytesOf(outcomes), bytesOf(decisions)],
  )
  return row?.inserted ?? 0
}

/**
 * Ends the chain that this proxy wrote and begins a new one: a batch of the old chain that is still on its way is refused.
 * @returns calls of its ended chains that have no outcome
 */
export function beginChain(sql: Sql, proxy: string, chain: string): Promise<{ id: string; time: Date }[]> {
  return sql.query('SELECT id, time FROM begin_chain($1, $2::uuid)', [proxy, chain])
}

/**
 * `recordCalls` for a proxy that keeps no spool: refused (SQLSTATE 55000) once another process began a chain for it.
 * @param answered the place in the chain up to which each call has its outcome, with this batch
 */
export async function recordCallsIn(
  sql: Sql,
  { chain, answered }: { chain: string; answered: number },
  decisions: JsonTexts,
  outcomes: JsonTexts,
): Promise<void> {
  const parameters = [chain, answered, bytesOf(decisions), bytesOf(outcomes)]
  await sql.query('SELECT record_calls_in($1::uuid, $2, $3::text::jsonb, $4::text::jsonb)', parameters)
}

/** As bytes it reaches Postgres as it is (so the casts from text). */
function bytesOf(texts: JsonTexts): Buffer {
  return 'bytes' in texts ? texts.bytes : Buffer.from(`[${texts.join(',')}]`)
}

/** Hands signed checkpoints to the record. Idempotent. @param checkpoints as spooled */
export async function recordCheckpoints(sql: Sql, checkpoints: JsonTexts): Promise<void> {
  await sql.query('SELECT record_checkpoints($1::text::jsonb)', [bytesOf(checkpoints)])
}

/** Keeps a record whole that the tables refuse, with its place in the chain. Idempotent. */
export async function quarantineRecord(
  sql: Sql,
  { kind, text, error, place }: { kind: string; text: string; error: string; place: Link | null },
): Promise<void> {
  const parameters = [kind, text, error, place && JSON.stringify(place)]
  await sql.query('SELECT quarantine_record($1, $2, $3, NULL, $4::jsonb)', parameters)
}

/** Hands time-stamps of checkpoints to the record. Idempotent. */
export async function recordTimestamps(sql: Sql, timestamps: readonly CheckpointTimestamp[]): Promise<void> {
  await sql.query('SELECT record_timestamps($1::jsonb)', [JSON.stringify(timestamps)])
}

const CheckpointHeads = z.object({ heads: z.array(SeenCheckpoint), statement: z.string().nullable() })
/** The newest checkpoint of each other proxy, and the digest of the newest statement of retention. */
export type CheckpointHeads = z.infer<typeof CheckpointHeads>

/** @param proxy whose own checkpoints are left out */
export async function readCheckpointHeads(sql: Sql, proxy: string): Promise<CheckpointHeads> {
  const [row] = await sql.query<{ heads: unknown }>('SELECT checkpoint_heads($1) AS heads', [proxy])
  return CheckpointHeads.parse(row?.heads)
}
