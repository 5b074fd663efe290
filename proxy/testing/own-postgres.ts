import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openDatabase } from '@/lib/db/client'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { stopPostmaster } from '@/lib/db/postmaster'
import { ensureRoles } from '@/lib/db/roles'
import type { TestDatabase } from '@/lib/db/testing'
import { migrate } from '@/prisma/migrate'

/** A Postgres of one test's own, since the test stops it, freezes it or reads its files. */
export interface OwnPostgres extends TestDatabase {
  /** The cluster's folder: tables, indexes, WAL. */
  readonly files: string
  /** Ends it, as an operator would. Its port stays the same through a start. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops its processes where they stand (SIGSTOP): connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
}

const FLAGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

export async function ownPostgres(): Promise<OwnPostgres> {
  // Named as lib/db/testing-setup.ts names its own, which sweeps away what a killed run left.
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-test-'))
  writeFileSync(path.join(folder, 'runner.pid'), String(process.pid))
  chmodSync(folder, 0o711)
  let running = await startPostgres(folder, FLAGS)
  const { ownerUrl } = running
  await migrate(ownerUrl)
  const passwords = { consolePassword: 'console', proxyPassword: 'proxy' }
  const { consoleUrl, proxyUrl } = await ensureRoles(ownerUrl, passwords)
  const database = openDatabase(consoleUrl)
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const pid of [running.pid, ...childrenOf(running.pid)]) {
      try {
        process.kill(pid, name)
      } catch {
        // A backend that ended meanwhile.
      }
    }
  }
  const { folder: place } = JSON.parse(readFileSync(path.join(folder, 'postgres.json'), 'utf8'))
  return {
    ownerUrl,
    consoleUrl,
    proxyUrl,
    database,
    files: path.join(place, 'cluster'),
    stop: () => stopPostmaster(running.pid),
    async start() {
      running = await startPostgres(folder, FLAGS)
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async close() {
      signal('SIGCONT')
      await database.close().catch(() => undefined)
      await running.stop()
      for (const left of new Set([folder, place])) rmSync(left, { recursive: true, force: true })
    },
  }
}

/** Processes that `parent` started, as /proc says. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent ? [Number(name)] : []
    } catch {
      return []
    }
  })
}
