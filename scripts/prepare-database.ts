// Brings the database up to what console and proxy need. Run by scripts/start/database.mjs, which reads the messages:
// {step} names what begins, {failure} is one sentence, {prepared} the result. Nothing else holds the owner's address.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { maintainAsConfigured, sayDropped } from '@/lib/audit/retention/run'
import { createFirstOwnerLink } from '@/lib/auth/links'
import { Refusal } from '@/lib/auth/refusal'
import { openDatabase } from '@/lib/db/client'
import { replaceDatabase } from '@/lib/db/current'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { ensureRoles } from '@/lib/db/roles'
import { type Environment, readEnv } from '@/lib/env'
import { migrate } from '@/prisma/migrate'
import { checkDatabase, databaseSentence } from './database-sentence'

function report(message: object): void {
  process.send?.(message)
}

/** Text of a file in DATA_DIR, made with 0600 on first use. */
function keep(dataDir: string, name: string, make: () => string): string {
  const file = path.join(dataDir, name)
  try {
    writeFileSync(file, make(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8')
}

function replaceFile(dataDir: string, name: string, text: string): void {
  const file = path.join(dataDir, name)
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** 256 bits, which no dictionary holds. */
const secret = () => randomBytes(32).toString('base64url')

async function ownerUrlOf(env: Environment): Promise<string> {
  if (!env.databaseUrl) {
    report({ step: 'Starting Postgres' })
    return (await startPostgres(env.dataDir)).ownerUrl
  }
  report({ step: 'Reaching Postgres' })
  await checkDatabase(env.databaseUrl)
  return env.databaseUrl
}

/** The addresses of console and proxy: those given, else made from the owner's. */
async function connectionsOf(env: Environment, ownerUrl: string): Promise<{ console: string; proxy: string }> {
  const given = { console: process.env.CONSOLE_DATABASE_URL, proxy: process.env.PROXY_DATABASE_URL }
  if (given.console && given.proxy) return { console: given.console, proxy: given.proxy }
  const made = () => JSON.stringify({ consolePassword: secret(), proxyPassword: secret() })
  const { consoleUrl, proxyUrl } = await ensureRoles(ownerUrl, JSON.parse(keep(env.dataDir, 'roles.json', made)))
  return { console: given.console || consoleUrl, proxy: given.proxy || proxyUrl }
}

async function withOwner<Result>(ownerUrl: string, use: (owner: pg.Client) => Promise<Result>): Promise<Result> {
  const owner = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 })
  await owner.connect()
  try {
    return await use(owner)
  } finally {
    await owner.end()
  }
}

/** Whether there is nothing yet, or a part of the seed: its last step is a grant. Asked here, since loading the seed takes a second. */
async function isEmpty(owner: pg.Client): Promise<boolean> {
  const { rows } = await owner.query(
    `SELECT NOT EXISTS (SELECT FROM changes WHERE actor_kind <> 'seed') AND NOT EXISTS (SELECT FROM grants) AS empty`,
  )
  return rows[0].empty
}

/** A demonstration that cannot be completed, say without its server, must not keep the product from starting. */
async function fill(): Promise<void> {
  const { seed } = await import('@/prisma/seed')
  try {
    await seed()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    report({ notice: `The seed is incomplete and is completed by the next start: ${error.message}` })
  }
}

async function prepare(env: Environment): Promise<void> {
  if (!process.env.INTERCEPT_SECRET) keep(env.dataDir, 'secret', secret)
  const ownerUrl = await ownerUrlOf(env)
  report({ step: 'Migrating the database' })
  await migrate(ownerUrl)
  const connections = await connectionsOf(env, ownerUrl)
  replaceFile(env.dataDir, 'connections.json', JSON.stringify(connections, null, 2))
  const isNew = await withOwner(ownerUrl, async owner => {
    await owner.query('SELECT drop_ended_counters()')
    return isEmpty(owner)
  })

  const database = openDatabase(connections.console, 4)
  replaceDatabase(database)
  if (isNew) {
    report({ step: 'Seeding the empty database' })
    await fill()
  }
  const setupUrl = await createFirstOwnerLink()
  await database.close()
  report({ prepared: { consoleUrl: connections.console, proxyUrl: connections.proxy, setupUrl } })
}

/** What only the owner may do, every few hours. */
async function maintain(env: Environment): Promise<void> {
  const maintained = await maintainAsConfigured(env, env.databaseUrl ?? (await startPostgres(env.dataDir)).ownerUrl)
  const dropped = sayDropped(maintained)
  if (dropped) report({ notice: dropped })
  if (maintained.problem) report({ notice: maintained.problem })
  report({ prepared: {} })
}

try {
  const env = readEnv()
  mkdirSync(env.dataDir, { recursive: true, mode: 0o700 })
  await (process.argv[2] === 'maintain' ? maintain(env) : prepare(env))
  process.exitCode = 0
} catch (error) {
  const sentence = databaseSentence(error)
  if (sentence) report({ failure: sentence })
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
}
process.disconnect?.()
