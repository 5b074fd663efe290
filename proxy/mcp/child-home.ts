import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The folder's name says whose it is: `intercept-home-<process id of the proxy>-<slug>-<random>`. */
const HOME = /^intercept-home-(\d+)-/

/** An empty folder that nobody but its owner may read; outside the proxy's data folder. */
export function makeHome(slug: string): string {
  return mkdtempSync(path.join(tmpdir(), `intercept-home-${process.pid}-${slug}-`))
}

/** Removes what proxies that were killed have left behind. Never throws. */
export function removeLeftHomes(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(HOME.exec(name)?.[1])
    if (!Number.isInteger(pid) || isRunning(pid)) continue
    try {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Somebody else's.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
