import { spawn } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { endGroup, signalGroup } from './processes.mjs'

const deathsAllowed = 5
const deathWindowMs = 60_000
const firstDelayMs = 250
const lastWordsMs = 300
const logBytes = 10 * 1024 * 1024

/** A log of at most twice `logBytes`: when it is full, it takes the place of the one before. */
export class LogFile {
  #descriptor
  #size

  /** @param {string} file */
  constructor(file) {
    this.file = file
    this.#descriptor = openSync(file, 'a', 0o600)
    this.#size = statSync(file).size
  }

  /** @param {string | Buffer} chunk */
  write(chunk) {
    try {
      if (this.#size > logBytes) {
        closeSync(this.#descriptor)
        renameSync(this.file, `${this.file}.1`)
        this.#descriptor = openSync(this.file, 'a', 0o600)
        this.#size = 0
      }
      this.#size += writeSync(this.#descriptor, chunk)
    } catch {
      // A full disk silences a log; it must not end what is logged.
    }
  }
}

/** Counts the deaths of one thing in the last minute. */
export class Deaths {
  /** @type {number[]} */
  #times = []

  /** Delay in ms before it is started again; null when it has died too often. @param {number} [now] ms */
  count(now = Date.now()) {
    this.#times = [...this.#times.filter(time => now - time < deathWindowMs), now]
    return this.#times.length >= deathsAllowed ? null : firstDelayMs * 2 ** (this.#times.length - 1)
  }
}

/** The last line that says what is wrong: plain text, or of a structured log an error's message. @param {string} output */
export function lastComplaint(output) {
  for (const line of output.trim().split('\n').reverse()) {
    if (!line.startsWith('{')) return line || null
    try {
      const { level, msg, err } = JSON.parse(line)
      if (level >= 50) return err?.message ?? msg ?? null
    } catch {
      return line
    }
  }
  return null
}

/**
 * A process that is started again when it dies, a little later each time, and given up after five deaths in a minute.
 * It leads a group of its own, so that what it started ends with it and Ctrl-C reaches it through us alone.
 */
export class SupervisedChild {
  #deaths = new Deaths()
  #stopping = false
  #lastError = ''
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /**
   * @param {string} name
   * @param {() => { words: string[], environment: NodeJS.ProcessEnv, cwd: string }} plan asked at each start
   * @param {{ log: LogFile, run: import('./processes.mjs').RunFile, say: (line: string) => void, giveUp: (sentence: string) => void }} around
   */
  constructor(name, plan, around) {
    this.name = name
    this.plan = plan
    this.around = around
  }

  start() {
    const { words, environment, cwd } = this.plan()
    const [file = '', ...rest] = words
    this.#lastError = ''
    const child = spawn(file, rest, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    if (child.pid) this.around.run.add(this.name, child.pid)
    child.stdout.on('data', chunk => this.around.log.write(chunk))
    child.stderr.on('data', chunk => {
      this.around.log.write(chunk)
      this.#lastError = lastComplaint(String(chunk)) ?? this.#lastError
    })
    child.once('error', error => {
      this.#lastError = error.message
      if (child.pid === undefined) this.#ended(null, null, 0)
    })
    child.once('exit', (code, signal) => this.#exited(child, code, signal))
  }

  /**
   * Ends what the dead one started, then hears its last words: they may come after its exit, or never, when somebody outside
   * of its group holds the pipe.
   * @param {import('node:child_process').ChildProcess} child @param {number | null} code @param {NodeJS.Signals | null} signal
   */
  #exited(child, code, signal) {
    const pid = child.pid ?? 0
    if (pid) signalGroup(pid, 'SIGKILL')
    const timer = setTimeout(() => child.emit('close', code, signal), lastWordsMs)
    child.once('close', () => {
      clearTimeout(timer)
      this.#ended(code, signal, pid)
    })
  }

  /** @param {number | null} code @param {NodeJS.Signals | null} signal @param {number} pid */
  #ended(code, signal, pid) {
    if (pid) this.around.run.remove(pid)
    this.#process = null
    if (this.#stopping) return
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
    const why = this.#lastError ? `: ${this.#lastError.slice(0, 200)}` : ''
    const delayMs = this.#deaths.count()
    if (delayMs === null)
      return this.around.giveUp(
        `The ${this.name} ${how}, the fifth time within a minute${why}. See ${this.around.log.file}.`,
      )
    this.around.say(`The ${this.name} ${how}; it starts again in ${delayMs / 1000} s${why}`)
    this.#timer = setTimeout(() => this.start(), delayMs)
  }

  /** Ends it for good, within `graceMs` and a little more. @param {number} graceMs */
  async stop(graceMs) {
    this.#stopping = true
    clearTimeout(this.#timer)
    const pid = this.#process?.pid
    if (!pid) return
    await endGroup(pid, graceMs)
    this.around.run.remove(pid)
  }

  /** Ends it so that it starts again with a new plan. */
  renew() {
    this.#process?.kill('SIGTERM')
  }
}
