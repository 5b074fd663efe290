import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'
import { openSchemaEngine } from './schema-engine'

const folder = fileURLToPath(new URL('./migrations', import.meta.url))
/** Days for which partitions are made ahead; maintenance runs every few hours, so a week survives a long stop. */
export const partitionDaysAhead = 7
/** Advisory lock that makes two starts on one database migrate one after the other. */
const lockId = 4_701_185_242

/** The migrations folder as Prisma's engine wants it. */
async function readMigrations(): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
  const migrationDirectories = await Promise.all(
    names.sort().map(async name => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(`${folder}/${name}/migration.sql`, 'utf8') },
      },
    })),
  )
  const lockfile = {
    path: './migration_lock.toml',
    content: await readFile(`${folder}/migration_lock.toml`, 'utf8'),
  }
  return { baseDir: folder, lockfile, shadowDbInitScript: '', migrationDirectories }
}

/** Ends a migration's own transaction, so that a process killed right after it cannot forget that it happened. */
function markFinished(name: string): string {
  return `UPDATE "_prisma_migrations" SET finished_at = now() WHERE migration_name = '${name}' AND rolled_back_at IS NULL`
}

/** Migrations that a killed process had begun: their one transaction was undone with its connection. */
async function readInterrupted(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query(`SELECT to_regclass('_prisma_migrations') AS found`)
  if (tables[0]?.found === null) return []
  const { rows } = await client.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL',
  )
  return rows.map(row => row.name)
}

/**
 * Brings a database to the newest schema with Prisma's own engine, as `prisma migrate deploy` would, then makes the
 * partitions of the coming days.
 * @param ownerUrl the owner's role
 * @returns names of the migrations that were applied
 */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockId])
    const migrationsList = await readMigrations()
    const engine = await openSchemaEngine(ownerUrl, script => {
      const of = migrationsList.migrationDirectories.find(each => each.migrationFile.content.value === script)
      return of ? markFinished(of.path) : ''
    })
    try {
      for (const migrationName of await readInterrupted(client)) await engine.markMigrationRolledBack({ migrationName })
      const filters = { externalTables: [], externalEnums: [] }
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters })
      await client.query('SELECT ensure_partitions($1)', [partitionDaysAhead])
      return appliedMigrationNames
    } finally {
      await engine.close()
    }
  } finally {
    await client.end()
  }
}
