import type { PoolClient } from 'pg'
import { Refusal } from '@/lib/auth/refusal'
import { database } from '@/lib/db/current'
import { type Sql, sqlOver } from '@/lib/db/sql'

/** How long one statement of a read may take before the read is refused, in milliseconds. */
const LONGEST_STATEMENT_MS = 5_000
const QUERY_CANCELED = '57014'

/**
 * Runs reads on one connection in one read-only snapshot, so that the numbers of a page agree, and bounds their time.
 * JIT is off: it costs more than it gives for plans over many partitions that return a page. So are parallel workers, which
 * take what proxies and other readers need, and would read the days of a walk out of order.
 * @throws Refusal `invalid` when a statement takes too long
 */
export async function boundedRead<Result>(run: (sql: Sql) => Promise<Result>): Promise<Result> {
  const client = await database().pool.connect()
  try {
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${LONGEST_STATEMENT_MS}; SET LOCAL jit = off;
       SET LOCAL max_parallel_workers_per_gather = 0`,
    )
    const result = await run(sqlOver(client))
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    await giveBack(client)
    throw isTimeout(error) ? tooSlow() : error
  }
}

/**
 * A part of a page that may be missing: null when it takes longer than `longestMs`, with the rest of the read unharmed.
 */
export async function readOrGiveUp<Result>(
  sql: Sql,
  longestMs: number,
  run: () => Promise<Result>,
): Promise<Result | null> {
  await sql.query(`SAVEPOINT part`)
  await sql.query(`SET LOCAL statement_timeout = ${longestMs}`)
  try {
    return await run()
  } catch (error) {
    if (!isTimeout(error)) throw error
    return null
  } finally {
    // Also sets the bound back to what it was before the savepoint.
    await sql.query('ROLLBACK TO SAVEPOINT part')
  }
}

async function giveBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK')
    client.release()
  } catch {
    // A connection in an unknown state is not given back to the pool.
    client.release(true)
  }
}

function tooSlow(): Refusal {
  const seconds = LONGEST_STATEMENT_MS / 1000
  return new Refusal(
    'invalid',
    `This view took longer than ${seconds} s to read. Choose a shorter time, or add a tool or an identity.`,
  )
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === QUERY_CANCELED
}
