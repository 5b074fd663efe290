import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { type EmbeddedPostgres, startPostgres } from '@/lib/db/embedded-postgres'
import { ensureRoles, type RoleUrls } from '@/lib/db/roles'
import { migrate } from '@/prisma/migrate'
import { type Extent, fillDay, fillRollUps } from './like-life'

export interface BenchDatabase extends RoleUrls {
  readonly ownerUrl: string
  readonly superuserUrl: string
  close(): Promise<void>
}

const DAY_MS = 86_400_000

/**
 * A Postgres of the bench's own, migrated, in a folder that `close` removes. What is synced is synced as in production.
 * @throws Error when the disk has less than `needBytes`
 */
export async function benchDatabase(needBytes: number, flags: Record<string, string> = {}): Promise<BenchDatabase> {
  const { bavail, bsize } = statfsSync(tmpdir())
  if (bavail * bsize < needBytes)
    throw new Error(
      `${tmpdir()} has ${Math.round((bavail * bsize) / 1e9)} GB free, and this needs ${needBytes / 1e9} GB.`,
    )
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-bench-audit-'))
  const postgres: EmbeddedPostgres = await startPostgres(folder, {
    shared_buffers: '1GB',
    max_wal_size: '8GB',
    ...flags,
  })
  const close = async () => {
    for (const signal of signals) process.off(signal, stop)
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  // Ctrl-C would leave a server and its gigabytes behind.
  const stop = () => void close().finally(() => process.exit(130))
  for (const signal of signals) process.once(signal, stop)
  await migrate(postgres.ownerUrl)
  const urls = await ensureRoles(postgres.ownerUrl, { consolePassword: 'console', proxyPassword: 'proxy' })
  return { ...urls, ownerUrl: postgres.ownerUrl, superuserUrl: postgres.superuserUrl, close }
}

const signals = ['SIGINT', 'SIGTERM'] as const

/** Midnight of the first day of an extent that ends with yesterday. */
export function firstDay({ days }: Extent, nowMs = Date.now()): Date {
  return new Date(Math.floor(nowMs / DAY_MS) * DAY_MS - days * DAY_MS)
}

async function makePastPartitions(client: pg.Client, start: Date, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    const [from, to] = [new Date(start.getTime() + day * DAY_MS), new Date(start.getTime() + (day + 1) * DAY_MS)]
    const name = from.toISOString().slice(0, 10).replaceAll('-', '')
    for (const parent of ['decisions', 'outcomes'])
      await client.query(
        `CREATE TABLE ${parent}_${name} PARTITION OF ${parent} FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`,
      )
  }
}

/** Indexes of the parents but their keys; to be made after the rows, which is quicker. */
async function takeIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; text: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text FROM pg_index i
     WHERE i.indrelid IN ('decisions'::regclass, 'outcomes'::regclass) AND NOT i.indisprimary`,
  )
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`)
  // Written for the parent alone; without ONLY it is made for each partition too.
  return rows.map(({ text }) => text.replace(' ON ONLY ', ' ON '))
}

/** Fills the record with `extent`, two days at a time, and makes its indexes and statistics. @returns seconds taken by each */
export async function fill(database: BenchDatabase, extent: Extent): Promise<{ rows: number; indexes: number }> {
  const clients = [0, 1].map(() => new pg.Client({ connectionString: database.ownerUrl }))
  await Promise.all(clients.map(client => client.connect()))
  const [client] = clients as [pg.Client, pg.Client]
  try {
    const start = firstDay(extent)
    await makePastPartitions(client, start, extent.days)
    const indexes = await takeIndexes(client)
    const began = performance.now()
    let next = 0
    const takeDays = async (each: pg.Client) => {
      await each.query('SET synchronous_commit = off')
      for (let day = next++; day < extent.days; day = next++)
        await fillDay(each, new Date(start.getTime() + day * DAY_MS), day, extent.callsPerDay)
    }
    await Promise.all(clients.map(takeDays))
    const filled = performance.now()
    await client.query(`SET maintenance_work_mem = '512MB'`)
    for (const text of indexes) await client.query(text)
    await fillRollUps(client)
    // As autovacuum leaves days that are over.
    await client.query('VACUUM (ANALYZE)')
    return { rows: (filled - began) / 1000, indexes: (performance.now() - filled) / 1000 }
  } finally {
    await Promise.all(clients.map(each => each.end()))
  }
}
