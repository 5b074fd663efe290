import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from './client'
import { ensureRoles, roleName } from './roles'

/** A migrated database of one test file's own, with the roles and rights of the product. */
export interface TestDatabase {
  /** The owner's role: makes partitions, drops; not a superuser. */
  ownerUrl: string
  consoleUrl: string
  proxyUrl: string
  /** With the console's role. Hand it to `replaceDatabase()` so that commands and queries use it. */
  database: Database
  /** Ends `database` and drops it all, other connections included. */
  close(): Promise<void>
}

async function asSuperuser(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: inject('templateSuperuserUrl') })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A database with nothing in it, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<Pick<TestDatabase, 'ownerUrl' | 'close'>> {
  const template = new URL(inject('templateOwnerUrl'))
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(`CREATE DATABASE ${name} OWNER ${template.username}`)
  const close = () => asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`)
  return { ownerUrl: new URL(`/${name}`, template).href, close }
}

/**
 * Makes a database from the migrated template (some 50 ms). Call it in `beforeAll`, `close()` it in `afterAll`.
 * Postgres itself is started once a run, by testing-setup.ts.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateOwnerUrl'))
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(`CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)} OWNER ${template.username}`)
  const ownerUrl = new URL(`/${name}`, template).href
  const { consoleUrl, proxyUrl } = await ensureRoles(ownerUrl, { consolePassword: 'console', proxyPassword: 'proxy' })
  const database = openDatabase(consoleUrl)
  return {
    ownerUrl,
    consoleUrl,
    proxyUrl,
    database,
    async close() {
      await database.close()
      await asSuperuser(
        `DROP DATABASE ${name} WITH (FORCE)`,
        ...['intercept_console', 'intercept_proxy'].map(group => `DROP ROLE ${roleName(group, name)}`),
      )
    },
  }
}
