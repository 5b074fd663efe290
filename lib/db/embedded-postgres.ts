import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { choosePlace, makeFolder, type Place, spawnAs } from './postgres-place'
import { findPostmaster, isAlive, type Postmaster, stopPostmaster } from './postmaster'
import { DatabaseUnavailable } from './unavailable'

/** A running embedded Postgres. It outlives this process, unless stopped: by `stop()`, or SIGINT to `pid`. */
export interface EmbeddedPostgres {
  pid: number
  port: number
  /** Database `intercept` as its owner, who is no superuser. */
  ownerUrl: string
  /** Database `postgres` as superuser. */
  superuserUrl: string
  /** Whether it still ran, left by an earlier run that was killed. */
  adopted: boolean
  stop(): Promise<void>
}

/** DATA_DIR/postgres.json, 0600. */
interface Remembered {
  folder: string
  port: number
  superuserPassword: string
  ownerPassword: string
}

const startTimeoutMs = 60_000
const owner = 'intercept_owner'
const database = 'intercept'

/** What the product sets; everything else is Postgres' default. Logs are kept a week, by day. */
const settings = (place: Place) => ({
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  logging_collector: 'on',
  log_directory: path.join(place.folder, 'log'),
  log_filename: 'postgres-%a.log',
  log_truncate_on_rotation: 'on',
  log_rotation_age: '1d',
  log_rotation_size: '0',
})

function recall(file: string): Remembered | undefined {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Remembered
  } catch {
    throw new DatabaseUnavailable(
      `${file} is not readable JSON. It holds the passwords of the embedded Postgres: restore it.`,
    )
  }
}

function remember(file: string, remembered: Remembered): void {
  writeFileSync(`${file}.new`, JSON.stringify(remembered, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const server = createServer()
    const got = await new Promise<number>(resolve => {
      server.once('error', () => resolve(0))
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        resolve(address && typeof address === 'object' ? address.port : 0)
      })
    })
    await new Promise(resolve => server.close(resolve))
    if (got) return got
  }
  throw new DatabaseUnavailable('No free port on 127.0.0.1 for the embedded Postgres.')
}

/** Makes the cluster beside its place and moves it there when whole: an interrupted initdb leaves nothing that looks like one. */
function initialise(place: Place, folder: string, password: string, isSynced: boolean): void {
  const making = `${folder}.new`
  const passwordFile = path.join(place.folder, 'initdb-password')
  rmSync(making, { recursive: true, force: true })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (place.account) chownSync(passwordFile, place.account.uid, place.account.gid)
  try {
    const words = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`, `--pgdata=${making}`]
    // The locale is said, since with LANG unset initdb would make an SQL_ASCII database.
    if (!isSynced) words.push('--no-sync')
    words.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
    const made = spawnSync(path.join(place.binaries, 'initdb'), words, {
      ...spawnAs(place.account),
      encoding: 'utf8',
      timeout: startTimeoutMs,
    })
    if (made.status !== 0)
      throw new DatabaseUnavailable(`initdb could not make ${folder}: ${lastLines(made.stderr ?? '', made.error)}`)
    renameSync(making, folder)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

function lastLines(text: string, error?: Error): string {
  const telling = text.split('\n').filter(line => /error|fatal|panic|could not/i.test(line))
  return telling.slice(-3).join(' ').trim() || error?.message || text.trim().split('\n').pop() || 'no reason given'
}

function launch(place: Place, folder: string, port: number, flags: Record<string, string>): Postmaster {
  makeFolder(place, path.join(place.folder, 'log'))
  const words = Object.entries({ ...settings(place), ...flags, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const log = openSync(path.join(place.folder, 'start.log'), 'w', 0o600)
  try {
    // Detached: Ctrl-C in a terminal reaches the whole foreground group, and Postgres has to be the last to go.
    const child = spawn(path.join(place.binaries, 'postgres'), ['-D', folder, ...words], {
      ...spawnAs(place.account),
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.on('error', () => undefined)
    child.unref()
    if (child.pid === undefined) throw new DatabaseUnavailable(`${place.binaries}/postgres could not be run.`)
    return { pid: child.pid, port }
  } finally {
    closeSync(log)
  }
}

/** Connects once; null when that works, else why not. */
async function tryConnect(url: string): Promise<Error | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return null
  } catch (error) {
    return error as Error
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Waits until the server takes connections; it refuses them while it recovers. */
async function waitUntilReady(server: Postmaster, url: string, place: Place): Promise<void> {
  const until = Date.now() + startTimeoutMs
  let reason = 'no answer'
  while (Date.now() < until) {
    const refused = await tryConnect(url)
    if (refused === null) return
    reason = refused.message
    // 28P01: the password is not the one in postgres.json; waiting will not mend that.
    if ('code' in refused && refused.code === '28P01') break
    if (!isAlive(server.pid)) {
      const said = readFileSync(path.join(place.folder, 'start.log'), 'utf8')
      throw new DatabaseUnavailable(`The embedded Postgres ended while starting: ${lastLines(said)}`)
    }
    await sleep(25)
  }
  throw new DatabaseUnavailable(`The embedded Postgres on port ${server.port} cannot be used: ${reason}`)
}

/** Makes the owner and the database; each step may have been done by a run that was killed. */
async function makeDatabase(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const exists = async (text: string, name: string) => (await client.query(text, [name])).rowCount === 1
    if (!(await exists('SELECT 1 FROM pg_roles WHERE rolname = $1', owner)))
      await client.query(`CREATE ROLE ${owner} LOGIN CREATEROLE PASSWORD ${client.escapeLiteral(password)}`)
    if (!(await exists('SELECT 1 FROM pg_database WHERE datname = $1', database)))
      await client.query(`CREATE DATABASE ${database} OWNER ${owner}`)
  } finally {
    await client.end()
  }
}

/**
 * Starts the Postgres of a data folder, or takes over the one that an earlier run left. Listens on 127.0.0.1 only, on
 * the port of last time when it is free; passwords are random and stand in DATA_DIR/postgres.json (0600).
 * @param dataDir absolute; made when absent
 * @param flags server settings besides the product's own
 * @throws Error with one sentence that says what to do
 */
export async function startPostgres(dataDir: string, flags: Record<string, string> = {}): Promise<EmbeddedPostgres> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = path.join(dataDir, 'postgres.json')
  const earlier = recall(file)
  const place = choosePlace(dataDir, earlier?.folder)
  const cluster = path.join(place.folder, 'cluster')
  if (!earlier && existsSync(cluster))
    throw new DatabaseUnavailable(
      `${cluster} is there but ${file} with its passwords is not. Restore it, or move the cluster away.`,
    )
  const secret = () => randomBytes(24).toString('base64url')
  const known = earlier ?? { folder: place.folder, port: 0, superuserPassword: secret(), ownerPassword: secret() }
  remember(file, known)
  makeFolder(place, place.folder)
  if (!existsSync(path.join(cluster, 'PG_VERSION')))
    initialise(place, cluster, known.superuserPassword, flags.fsync !== 'off')

  const urlAs = (user: string, password: string, port: number, name: string) =>
    `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`
  const superuserAt = (port: number) => urlAs('postgres', known.superuserPassword, port, 'postgres')
  let server = findPostmaster(cluster)
  if (server && (await tryConnect(superuserAt(server.port))) !== null) {
    await stopPostmaster(server.pid)
    server = undefined
  }
  const adopted = server !== undefined
  server ??= launch(place, cluster, await freePort(known.port), flags)
  await waitUntilReady(server, superuserAt(server.port), place)
  if (server.port !== known.port) remember(file, { ...known, port: server.port })
  await makeDatabase(superuserAt(server.port), known.ownerPassword)
  const { pid, port } = server
  return {
    pid,
    port,
    ownerUrl: urlAs(owner, known.ownerPassword, port, database),
    superuserUrl: superuserAt(port),
    adopted,
    stop: () => stopPostmaster(pid),
  }
}
