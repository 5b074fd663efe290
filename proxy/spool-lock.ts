import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Takes the spool for this process, since two writers would interleave their segments. A lock whose process is gone is
 * taken over; the start time tells a process from a later one with the same id.
 * @returns a function that gives it back
 * @throws Error when a running process holds it
 */
export function lockSpool(directory: string): () => void {
  const lock = takeLock(path.join(directory, 'lock'))
  if ('release' in lock) return lock.release
  throw new Error(
    `The spool ${directory} is in use by process ${lock.heldBy}. Stop that proxy, or give this one another PROXY_NAME.`,
  )
}

/**
 * Takes a lock file for this process.
 * @returns how to give it back, or the id of the running process that holds it
 */
export function takeLock(file: string): { release(): void } | { heldBy: string } {
  const own = `${process.pid} ${startTime(process.pid)}`
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, own, { flag: 'wx', mode: 0o600 })
      return {
        release: () => {
          if (read(file) === own) rmSync(file, { force: true })
        },
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = read(file)
      const [pid = '', started = ''] = holder.split(' ')
      if (isRunning(Number(pid), started)) return { heldBy: pid }
      rmSync(file, { force: true })
    }
  }
  throw new Error(`The lock ${file} could not be taken: other processes take it at the same time.`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isRunning(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startTime(pid) === started
}

/** Clock ticks after boot at which the process began (proc(5), field 22); `-` where there is no /proc. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
  } catch {
    return '-'
  }
}
