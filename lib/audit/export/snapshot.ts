import type { PoolClient } from 'pg'
import { Refusal } from '@/lib/auth/refusal'
import { database } from '@/lib/db/current'

const ROWS_AT_ONCE = 1_000
/** How long a reader may stop reading before its snapshot ends: an old snapshot keeps Postgres from tidying up. */
const LONGEST_PAUSE_MS = 600_000
/** Each holds a connection of the console's pool for as long as somebody downloads. */
const MOST_AT_ONCE = 3
let running = 0

/** One read-only view of the record as it was at one moment, of any size. */
export interface Snapshot {
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** Rows as they come, never more than a thousand at once. One stream at a time. */
  stream<Row extends object>(text: string, parameters?: readonly unknown[]): AsyncGenerator<Row>
}

/**
 * Runs `read` in a snapshot and yields what it yields. The connection is given back whatever happens.
 * @throws Refusal `conflict` when three run already
 */
export async function* inSnapshot<Item>(read: (snapshot: Snapshot) => AsyncGenerator<Item>): AsyncGenerator<Item> {
  if (running >= MOST_AT_ONCE)
    throw new Refusal('conflict', `${MOST_AT_ONCE} exports or verifications are running. Try again when one has ended.`)
  running += 1
  try {
    yield* onConnection(await database().pool.connect(), read)
  } finally {
    running -= 1
  }
}

async function* onConnection<Item>(
  client: PoolClient,
  read: (snapshot: Snapshot) => AsyncGenerator<Item>,
): AsyncGenerator<Item> {
  let isOver = false
  try {
    // JIT costs more than it gives for plans over many partitions.
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off;
       SET LOCAL idle_in_transaction_session_timeout = ${LONGEST_PAUSE_MS}`,
    )
    yield* read(snapshotOver(client))
    await client.query('COMMIT')
    isOver = true
  } finally {
    // Whoever stops listening in the middle leaves a transaction behind; its connection is not used again.
    client.release(!isOver)
  }
}

function snapshotOver(client: PoolClient): Snapshot {
  return {
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []) {
      return (await client.query(text, parameters as unknown[])).rows as Row[]
    },
    async *stream<Row extends object>(text: string, parameters: readonly unknown[] = []) {
      await client.query(`DECLARE streamed NO SCROLL CURSOR FOR ${text}`, parameters as unknown[])
      for (;;) {
        const { rows } = await client.query(`FETCH ${ROWS_AT_ONCE} FROM streamed`)
        yield* rows as Row[]
        if (rows.length < ROWS_AT_ONCE) break
      }
      await client.query('CLOSE streamed')
    },
  }
}
