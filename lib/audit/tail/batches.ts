import type { Sql } from '@/lib/db/sql'
import { listed, rowOf, type StoredRow, withOutcomes } from '../queries/decisions'
import type { TailedRecord } from './matches'

/** A line of `record_batches`. */
export interface ShippedBatch {
  readonly id: number
  readonly chain: string | null
  readonly first: string | null
  readonly last: string | null
  readonly from: Date
  readonly to: Date
  readonly records: number
}

/** More of one batch than anybody reads as it passes; the newest are kept. */
export const MOST_OF_A_BATCH = 200

/** The number that the newest batch has; 0 when there was none. */
export async function readNewestBatch(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ id: string | null }>('SELECT max(id) AS id FROM record_batches')
  return Number(row?.id ?? 0)
}

/** Batches after a number, oldest first. */
export async function readBatchesAfter(sql: Sql, id: number, limit: number): Promise<ShippedBatch[]> {
  const rows = await sql.query<Omit<ShippedBatch, 'id'> & { id: string }>(
    `SELECT id, chain, first_sequence AS first, last_sequence AS last, first_time AS from, last_time AS to, records
     FROM record_batches WHERE id > $1 ORDER BY id LIMIT ${limit}`,
    [id],
  )
  return rows.map(row => ({ ...row, id: Number(row.id) }))
}

interface TailedRow extends Omit<StoredRow, 'kind' | 'is_error' | 'duration_ms'> {
  session: string | null
  proxy: string
  key_prefix: string | null
  client_name: string | null
  arguments: string | null
}

/**
 * The calls that a batch decided or answered, oldest first, at most the newest two hundred. An answered call comes again,
 * with its outcome.
 */
export async function readBatch(sql: Sql, batch: ShippedBatch, withArguments: boolean): Promise<TailedRecord[]> {
  const { chain, first, last, from, to } = batch
  const place = chain === null ? 'chain IS NULL' : 'chain = $3 AND sequence BETWEEN $4 AND $5'
  const rows = await sql.query<TailedRow>(
    `SELECT ${listed}, d.session, d.proxy, d.key_prefix, d.client_name, ${withArguments ? 'd.arguments::text' : 'NULL'} AS arguments
     FROM (SELECT time, id FROM decisions WHERE time >= $1 AND time <= $2 AND ${place}
       UNION SELECT decision_time, decision_id FROM outcomes WHERE decision_time >= $1 AND decision_time <= $2 AND ${place}
       ORDER BY 1 DESC, 2 DESC LIMIT ${MOST_OF_A_BATCH}) k
     JOIN decisions d ON d.time = k.time AND d.id = k.id AND d.time >= $1 AND d.time <= $2
     ORDER BY d.time, d.id`,
    chain === null ? [from, to] : [from, to, chain, first, last],
  )
  return (await withOutcomes(sql, rows)).map(row => ({
    row: rowOf(row),
    session: row.session,
    proxy: row.proxy,
    keyPrefix: row.key_prefix,
    client: row.client_name,
    arguments: row.arguments,
  }))
}
