import { openDatabase } from '@/lib/db/client'
import { replaceDatabase } from '@/lib/db/current'
import type { Sql } from '@/lib/db/sql'
import type { BenchDatabase } from './bench-database'
import { backendMs } from './processor-time'
import { type Known, readsOf } from './reads'

/** One read, measured: milliseconds. */
export interface Measured {
  readonly name: string
  readonly target: number | null
  /** On the wall: middle, quickest and slowest of the rounds. */
  readonly middle: number
  readonly best: number
  readonly worst: number
  /** Processor time of Postgres a read. */
  readonly processor: number
}

const WARM_UPS = 3
const ROUNDS = 15
/** A slow read is not run so often. */
const ENOUGH_MS = 3_000

/** Every read of `readsOf`, one after the other over one connection, after warming up. @param nowMs end of the record */
export async function measureReads(database: BenchDatabase, nowMs: number, rounds = ROUNDS): Promise<Measured[]> {
  const own = openDatabase(database.consoleUrl, 1)
  replaceDatabase(own)
  try {
    const known = await findKnown(own.sql, nowMs)
    const [backend] = await own.sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const measured: Measured[] = []
    for (const { name, target, run } of readsOf(nowMs, known)) {
      const began = performance.now()
      for (let i = 0; i < WARM_UPS && performance.now() - began < ENOUGH_MS / 3; i++) await run()
      const times: number[] = []
      const processorBegan = backendMs([backend?.pid ?? 0])
      for (let i = 0; i < rounds && (i < 3 || performance.now() - began < ENOUGH_MS); i++) {
        const at = performance.now()
        await run()
        times.push(performance.now() - at)
      }
      const processor = (backendMs([backend?.pid ?? 0]) - processorBegan) / times.length
      times.sort((a, b) => a - b)
      const [best = 0, worst = 0] = [times[0], times.at(-1)]
      measured.push({ name, target, middle: times[times.length >> 1] ?? 0, best, worst, processor })
    }
    return measured
  } finally {
    replaceDatabase(undefined)
    await own.close()
  }
}

/** Values that only a generated record knows: of one call of the first day and one of the last. */
async function findKnown(sql: Sql, nowMs: number): Promise<Known> {
  const [early] = await sql.query<{ session: string; key: string; execution: string; revision: string }>(
    `SELECT session, key_prefix AS key, arguments->>'executionId' AS execution, revision::text FROM decisions
     WHERE time > (SELECT min(time) FROM decisions) + interval '9 hours' ORDER BY time LIMIT 1`,
  )
  const [late] = await sql.query<{ execution: string }>(
    `SELECT arguments->>'executionId' AS execution FROM decisions WHERE time < $1 ORDER BY time DESC LIMIT 1`,
    [new Date(nowMs - 7 * 3_600_000)],
  )
  if (!early || !late) throw new Error('the bench has no record to read')
  const { session, key, execution, revision } = early
  return { session, key, revision, executionId: execution, executionIdToday: late.execution }
}
