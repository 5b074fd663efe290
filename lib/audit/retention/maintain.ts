import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { openPool } from '@/lib/db/pool'
import { type Sql, sqlOver } from '@/lib/db/sql'
import type { SigningKey } from '../checkpoint'
import type { EvidenceSink } from '../outside/sinks'
import { type DropOptions, dropDay, findDaysBefore } from './drop-day'
import type { Day } from './dropped-links'
import { RetentionStatement } from './statement'

export interface MaintenanceOptions {
  /** The owner's role; nobody else may make and drop partitions. */
  readonly ownerUrl: string
  /** Unset, nothing is dropped. */
  readonly retentionDays: number | undefined
  /** Opened when something is dropped. */
  readonly openKey: () => SigningKey
  readonly sinks: readonly EvidenceSink[]
  /** Who runs it: the host. */
  readonly by: string
  /** Days for which partitions are made ahead. */
  readonly daysAhead: number
  readonly now?: Date
  /** How long a reader that holds a day is waited for, three times; five seconds unless given. */
  readonly lockWaitMs?: number
}

export interface Maintained {
  /** Partitions made. */
  readonly made: number
  readonly dropped: readonly RetentionStatement[]
  /** What is to be done again by the next maintenance, in a sentence; null when all was done. */
  readonly problem: string | null
}

/** Two maintenances of one database do not run at once. */
const LOCK_ID = 4_701_185_243
const DAY_MS = 86_400_000
/** A day's partitions are locked for a moment; a reader that holds them longer than this is not waited for. */
const LOCK_WAIT_MS = 5_000
const TRIES = 3
const PAUSE_MS = 1_000
const MOST_DAYS_AT_ONCE = 400

/**
 * Makes the partitions of the coming days and drops those that are older than what is kept; each dropped day leaves a signed
 * statement, which goes to the sinks too. May be run as often as one likes, and at any time.
 */
export async function maintainRecord(options: MaintenanceOptions): Promise<Maintained> {
  const pool = openPool({ connectionString: options.ownerUrl, connectionTimeoutMillis: 5_000, max: 1 })
  const client = await pool.connect()
  try {
    await client.query("SET TimeZone = 'UTC'")
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS got', [LOCK_ID])
    if (!rows[0]?.got) return { made: 0, dropped: [], problem: 'Another maintenance is running.' }
    return await maintain(client, options)
  } finally {
    // The connection ends, and with it the advisory lock.
    client.release(true)
    await pool.end()
  }
}

async function maintain(client: pg.PoolClient, options: MaintenanceOptions): Promise<Maintained> {
  const sql = sqlOver(client)
  const { lockWaitMs = LOCK_WAIT_MS } = options
  const problems: string[] = []
  const attempt = async <Result>(what: string, otherwise: Result, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : error}`)
      return otherwise
    }
  }
  const made = await attempt('Partitions could not be made', 0, () =>
    inTransaction(client, lockWaitMs, async () => {
      const [row] = await sql.query<{ made: number }>('SELECT ensure_partitions($1) AS made', [options.daysAhead])
      return row?.made ?? 0
    }),
  )
  await sql.query('SELECT drop_ended_counters()')
  const dropped: RetentionStatement[] = []
  await attempt('Retention could not drop all that is due', undefined, () => dropDue(client, options, dropped))
  await attempt('A statement was not kept outside', undefined, () => publish(sql, options.sinks))
  const problem = problems.length > 0 ? problems.join(' ') : null
  await note(sql, options, problem)
  return { made, dropped, problem }
}

async function dropDue(
  client: pg.PoolClient,
  options: MaintenanceOptions,
  dropped: RetentionStatement[],
): Promise<void> {
  const { retentionDays, by, now = new Date(), lockWaitMs = LOCK_WAIT_MS } = options
  if (retentionDays === undefined) return
  const days = await findDaysBefore(sqlOver(client), new Date(now.getTime() - retentionDays * DAY_MS))
  if (days.length === 0) return
  const drop: DropOptions = { key: options.openKey(), by, retentionDays, now }
  const isEmpty = async ({ decisions, outcomes }: Day) => {
    const of = [decisions, outcomes].filter(each => each !== null).map(each => `EXISTS (SELECT FROM ${each})`)
    const { rows } = await client.query(`SELECT NOT (${of.join(' OR ')}) AS empty`)
    return rows[0]?.empty === true
  }
  for (const day of days.slice(0, MOST_DAYS_AT_ONCE)) {
    // What holds nothing leaves nothing to state.
    if (await isEmpty(day)) await inTransaction(client, lockWaitMs, () => dropEmpty(client, day))
    else dropped.push(await inTransaction(client, lockWaitMs, () => dropDay(sqlOver(client), day, drop)))
  }
}

async function dropEmpty(client: pg.PoolClient, { decisions, outcomes }: Day): Promise<void> {
  const partitions = [decisions, outcomes].filter(each => each !== null)
  await client.query(`LOCK TABLE ${partitions.join(', ')} IN SHARE MODE`)
  for (const each of partitions) {
    const { rowCount } = await client.query(`SELECT FROM ${each} LIMIT 1`)
    if (rowCount !== 0) throw new Error(`A record came to ${each} meanwhile.`)
  }
  await client.query(`DROP TABLE ${partitions.join(', ')}`)
}

/** One transaction that waits for no reader for long; one that was in the way is given three times. */
async function inTransaction<Result>(
  client: pg.PoolClient,
  lockWaitMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = ${lockWaitMs}`)
      const result = await work()
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK')
      // lock_not_available, deadlock_detected
      const mayPass = ['55P03', '40P01'].includes((error as { code?: string }).code ?? '')
      if (!mayPass || tried >= TRIES) throw error
      await sleep(PAUSE_MS)
    }
  }
}

/** Gives the sinks what they do not have yet. */
async function publish(sql: Sql, sinks: readonly EvidenceSink[]): Promise<void> {
  const rows = await sql.query<{ content: unknown }>(
    `SELECT content FROM retention_statements
     WHERE number > coalesce((SELECT published_to FROM maintenance WHERE id = 1), 0) ORDER BY number`,
  )
  for (const { content } of rows) {
    const statement = RetentionStatement.parse(content)
    for (const sink of sinks) await sink.publish({ kind: 'statement', statement })
    // At once, so that a sink that fails later does not get these again.
    await sql.query(
      `INSERT INTO maintenance (id, ran_at, published_to) VALUES (1, now(), $1)
       ON CONFLICT (id) DO UPDATE SET published_to = EXCLUDED.published_to`,
      [statement.number],
    )
  }
}

async function note(
  sql: Sql,
  { retentionDays, now = new Date() }: MaintenanceOptions,
  problem: string | null,
): Promise<void> {
  await sql.query(
    `INSERT INTO maintenance (id, ran_at, retention_days, partitions_until, problem)
     VALUES (1, $1, $2, (SELECT to_timestamp(max(right(relname, 8)), 'YYYYMMDD') + interval '1 day' FROM pg_class
       WHERE relname ~ '^decisions_[0-9]{8}$' AND relispartition), $3)
     ON CONFLICT (id) DO UPDATE SET ran_at = EXCLUDED.ran_at, retention_days = EXCLUDED.retention_days,
       partitions_until = EXCLUDED.partitions_until, problem = EXCLUDED.problem`,
    [now, retentionDays ?? null, problem],
  )
}
