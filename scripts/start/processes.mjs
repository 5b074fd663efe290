import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {{ name: string, pid: number, since: string }} Recorded a process and what tells it from a later one of the same pid */

/** Within which a run that was told to stop has stopped. */
const stopMs = 4_000

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/**
 * When a process began, in a form that no other process of this machine shares with its pid; null when it does not run.
 * One that ended but was not reaped does not run.
 * @param {number} pid
 */
export function beginningOf(pid) {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
    return stdout?.trim() || null
  }
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  // proc(5): after the name in parentheses come the state (field 3) and, as field 22, the start in ticks since boot.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X'
    ? null
    : `${read('/proc/sys/kernel/random/boot_id')?.trim()}/${fields[19]}`
}

/** @param {number} pid */
export const isAlive = pid => beginningOf(pid) !== null

/** Signals a whole process group; one that is gone is no error. @param {number} pid @param {NodeJS.Signals} signal */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch {}
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalOne(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch {}
}

/** Waits until `pid` has ended; false when it outlives `timeoutMs`. @param {number} pid @param {number} timeoutMs */
export async function waitForEnd(pid, timeoutMs) {
  const until = Date.now() + timeoutMs
  while (isAlive(pid)) {
    if (Date.now() >= until) return false
    await sleep(15)
  }
  return true
}

/** Asks a group's leader to end, then ends what is left of the group. @param {number} pid @param {number} graceMs */
export async function endGroup(pid, graceMs) {
  signalOne(pid, 'SIGTERM')
  await waitForEnd(pid, graceMs)
  signalGroup(pid, 'SIGKILL')
  await waitForEnd(pid, 300)
}

/**
 * Stops the embedded Postgres of a data folder, whoever started it: fast shutdown, and when that takes longer than
 * `graceMs` an immediate one, from which the next start recovers.
 * @param {string} dataDir @param {number} graceMs
 */
export async function stopPostgres(dataDir, graceMs) {
  const pid = postmasterOf(dataDir)
  if (pid === null) return
  signalOne(pid, 'SIGINT')
  if (await waitForEnd(pid, graceMs)) return
  signalOne(pid, 'SIGQUIT')
  await waitForEnd(pid, 300)
}

/** Pid of the Postgres that runs on a data folder; null when none does. @param {string} dataDir */
export function postmasterOf(dataDir) {
  try {
    const { folder } = JSON.parse(readFileSync(path.join(dataDir, 'postgres.json'), 'utf8'))
    const pid = Number.parseInt(readFileSync(path.join(folder, 'cluster/postmaster.pid'), 'utf8'), 10)
    return pid > 0 && isAlive(pid) ? pid : null
  } catch {
    return null
  }
}

/** DATA_DIR/run.json: the processes of this run, so that the next one can end what a `kill -9` of this one leaves. */
export class RunFile {
  /** @type {Recorded[]} */
  #processes = []
  #file

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.#file = path.join(dataDir, 'run.json')
  }

  /** The launcher that still runs on this data folder, or null; the rest of a dead one's processes are ended. */
  async takeOver() {
    /** @type {Recorded[]} */
    let left = []
    try {
      left = JSON.parse(readFileSync(this.#file, 'utf8'))
    } catch {
      // Absent, or cut off by a crash: then there is nobody to look for.
    }
    const isRunning = each => beginningOf(each.pid) === each.since
    // Ctrl-C gives the prompt back at once, since npm does not wait: a start that follows waits for the stop to be done.
    const stopping = left.find(each => each.name === 'stopping' && isRunning(each))
    if (stopping) await waitForEnd(stopping.pid, stopMs)
    left = left.filter(isRunning)
    const launcher = left.find(each => each.name === 'launcher')
    if (launcher) return launcher
    await Promise.all(left.map(each => endGroup(each.pid, 1_500)))
    this.add('launcher', process.pid)
    return null
  }

  /** @param {string} name @param {number} pid */
  add(name, pid) {
    const since = beginningOf(pid)
    if (since !== null) this.#write([...this.#processes, { name, pid, since }])
  }

  /** @param {number} pid */
  remove(pid) {
    this.#write(this.#processes.filter(each => each.pid !== pid))
  }

  /** @param {Recorded[]} processes */
  #write(processes) {
    this.#processes = processes
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(processes, null, 2), { mode: 0o600 })
      renameSync(`${this.#file}.new`, this.#file)
    } catch {
      // A full disk must not end a running product; the next write tries again.
    }
  }

  /** Says that this run is ending, for one that starts meanwhile. */
  markStopping() {
    this.add('stopping', process.pid)
  }

  close() {
    rmSync(this.#file, { force: true })
  }
}
