import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../../..')

export type Variables = Record<string, string | undefined>

/** A clone of the working tree, under a folder that only its owner may enter. */
export interface Checkout {
  folder: string
  dataDir: string
  environment: Variables
  consolePort: number
  proxyPort: number
  remove(): void
}

/** A run of the launcher and what it has printed. */
export interface Run {
  child: ChildProcess
  printed(): string
  /** Resolves when the product is up; rejects with what was printed when it ends before. */
  ready: Promise<void>
  /** Resolves to the exit code. */
  ended: Promise<number | null>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Hard links where the file system allows: a copy of 1 GB of packages takes a minute, its links a second. */
function copyTree(from: string, to: string): void {
  if (!existsSync(from)) return
  if (spawnSync('cp', ['-al', from, to]).status === 0) return
  rmSync(to, { recursive: true, force: true })
  execFileSync('cp', ['-a', from, to])
}

/** Clones the working tree as it is, with the packages and builds that it has; data and ports are its own. */
export async function makeCheckout(): Promise<Checkout> {
  const parent = mkdtempSync(path.join(tmpdir(), 'intercept-clone-'))
  const folder = path.join(parent, 'checkout')
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    if (!existsSync(path.join(root, file))) continue
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    cpSync(path.join(root, file), path.join(folder, file))
  }
  copyTree(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  for (const built of ['.next', 'dist', 'lib/db/generated', 'next-env.d.ts'])
    if (existsSync(path.join(root, built)))
      cpSync(path.join(root, built), path.join(folder, built), { recursive: true, preserveTimestamps: true })
  const [consolePort, proxyPort] = [await freePort(), await freePort()]
  const { LANG: _, NODE_ENV: __, ...inherited } = process.env
  const environment = {
    ...inherited,
    DATABASE_URL: '',
    DATA_DIR: '',
    CONSOLE_PORT: String(consolePort),
    PROXY_PORT: String(proxyPort),
  }
  const dataDir = path.join(folder, '.data')
  const remove = () => {
    const place = readJson<{ folder: string }>(path.join(dataDir, 'postgres.json'))
    if (place) rmSync(place.folder, { recursive: true, force: true })
    rmSync(parent, { recursive: true, force: true })
  }
  return { folder, dataDir, environment, consolePort, proxyPort, remove }
}

export function readJson<Value>(file: string): Value | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Value
  } catch {
    return null
  }
}

/** Runs the launcher as a newcomer would, or with other `words`. It leads a group, as a terminal's foreground job does. */
export function launch(checkout: Checkout, more: Variables = {}, words = ['scripts/start.mjs']): Run {
  const child = spawn(process.execPath, words, {
    cwd: checkout.folder,
    env: { ...checkout.environment, ...more } as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('Ctrl-C stops everything')) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    ended.then(code => reject(new Error(`the launcher ended with ${code}:\n${text}`)))
  })
  ready.catch(() => undefined)
  return { child, printed: () => text, ready, ended }
}

export interface Recorded {
  name: string
  pid: number
}

/** The processes that the launcher has written down. */
export function recorded(checkout: Checkout): Recorded[] {
  return readJson<Recorded[]>(path.join(checkout.dataDir, 'run.json')) ?? []
}

export function pidOf(checkout: Checkout, name: string): number {
  const found = recorded(checkout).find(each => each.name === name)
  if (!found) throw new Error(`${name} is not in run.json`)
  return found.pid
}

/** The pid of the checkout's Postgres; null when none has its pid file. */
export function postgresPid(checkout: Checkout): number | null {
  const place = readJson<{ folder: string }>(path.join(checkout.dataDir, 'postgres.json'))
  try {
    return Number.parseInt(readFileSync(path.join(place?.folder ?? '', 'cluster/postmaster.pid'), 'utf8'), 10)
  } catch {
    return null
  }
}
