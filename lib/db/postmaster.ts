import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseUnavailable } from './unavailable'

/** What postmaster.pid says of a running server (Postgres' own file in the cluster's folder). */
export interface Postmaster {
  pid: number
  port: number
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Whether `pid` runs. One that ended but was not reaped, as in a container without init, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const stat = read(`/proc/${pid}/stat`)
  return stat === undefined || !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(')')))
}

/** Whether `pid` serves the cluster in `folder`; a recycled pid of a stranger does not. A postmaster's cwd is its cluster. */
function serves(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder
  } catch {
    // Without /proc, or of another account: the command line of the process is all there is to see.
    return process.platform !== 'linux' || (read(`/proc/${pid}/cmdline`) ?? '').includes(folder)
  }
}

/**
 * The server that still runs on a cluster, say after its parent's death by `kill -9`. A pid file that nobody stands
 * behind is removed, since Postgres itself refuses to start when its pid was given to a stranger.
 */
export function findPostmaster(folder: string): Postmaster | undefined {
  const file = path.join(folder, 'postmaster.pid')
  const lines = read(file)?.split('\n')
  if (!lines) return undefined
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (pid > 0 && isAlive(pid) && serves(pid, folder)) return { pid, port: Number.parseInt(lines[3] ?? '', 10) }
  rmSync(file, { force: true })
  return undefined
}

/** Waits until `pid` has ended; false when it outlives `timeoutMs`. */
export async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs
  while (isAlive(pid)) {
    if (Date.now() >= until) return false
    await sleep(20)
  }
  return true
}

/**
 * Stops a server: fast shutdown (SIGINT: sessions end, data is written), then immediate (SIGQUIT: the next start
 * recovers from the log), both bounded.
 */
export async function stopPostmaster(pid: number, fastMs = 10_000): Promise<void> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', fastMs],
    ['SIGQUIT', 5_000],
  ] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    if (await waitForEnd(pid, timeoutMs)) return
  }
  throw new DatabaseUnavailable(`Postgres (process ${pid}) does not stop. End it by hand, then start again.`)
}
