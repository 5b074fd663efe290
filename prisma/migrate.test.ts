import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyDatabase, type TestDatabase } from '@/lib/db/testing'
import { databaseSentence } from '@/scripts/database-sentence'
import { migrate } from './migrate'
import { openSchemaEngine } from './schema-engine'

const folder = path.resolve(import.meta.dirname, 'migrations')
const names = readdirSync(folder, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .sort()
const first = names[0] ?? ''

let db: Pick<TestDatabase, 'ownerUrl' | 'close'>
let owner: pg.Client
beforeEach(async () => {
  db = await emptyDatabase()
  owner = new pg.Client({ connectionString: db.ownerUrl })
  owner.on('error', () => undefined)
  await owner.connect()
})
afterEach(async () => {
  await owner.end()
  await db.close()
})

const account = async () =>
  (
    await owner.query(
      `SELECT migration_name AS name, checksum FROM _prisma_migrations
       WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
    )
  ).rows

/** What `prisma migrate deploy` compares: the SHA-256 of each script. */
const wanted = names.map(name => ({
  name,
  checksum: createHash('sha256')
    .update(readFileSync(path.join(folder, name, 'migration.sql')))
    .digest('hex'),
}))

describe('migrations', () => {
  test('are applied once each, and accounted for as Prisma does', async () => {
    expect(await migrate(db.ownerUrl)).toEqual(names)
    expect(await account()).toEqual(wanted)
    expect(await migrate(db.ownerUrl)).toEqual([])
  })

  test('by two starts at once are applied by one of them', async () => {
    const applied = await Promise.all([migrate(db.ownerUrl), migrate(db.ownerUrl)])
    expect(applied.flat().sort()).toEqual(names)
    expect(await account()).toEqual(wanted)
  })

  test('go on after a process was killed before one took effect', async () => {
    await migrate(db.ownerUrl)
    await owner.query('DROP SCHEMA public CASCADE')
    await owner.query('CREATE SCHEMA public')
    await owner.query(
      `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
         migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
         started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`,
    )
    await owner.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
      randomUUID(),
      wanted[0]?.checksum,
      first,
    ])
    expect(await migrate(db.ownerUrl)).toEqual(names)
    expect(await account()).toEqual(wanted)
  })

  test('take effect in one transaction with what closes them: a kill between the two cannot part them', async () => {
    const engine = await openSchemaEngine(db.ownerUrl, script =>
      script.includes('CREATE TABLE "decisions"') ? 'SELECT 1/0' : '',
    )
    const content = { tag: 'ok' as const, value: readFileSync(path.join(folder, first, 'migration.sql'), 'utf8') }
    const applying = engine.applyMigrations({
      migrationsList: {
        baseDir: folder,
        lockfile: {
          path: './migration_lock.toml',
          content: readFileSync(path.join(folder, 'migration_lock.toml'), 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories: [{ path: first, migrationFile: { path: 'migration.sql', content } }],
      },
      filters: { externalTables: [], externalEnums: [] },
    })
    await expect(applying).rejects.toThrow(/division by zero/)
    await engine.close()
    expect((await owner.query(`SELECT to_regclass('decisions') AS made`)).rows).toEqual([{ made: null }])
    expect(await account()).toEqual([])
    expect(await migrate(db.ownerUrl)).toEqual(names)
  })
})

test('a database that holds something else is left alone, in one sentence', async () => {
  await owner.query('CREATE TABLE somebody_elses (id int)')
  const said = await migrate(db.ownerUrl).then(() => 'it worked', databaseSentence)
  expect(said).toMatch(/holds tables of something else\. .*of its own\.$/)
})
