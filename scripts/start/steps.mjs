import { spawn } from 'node:child_process'
import { Failure, lastLines, sentenceFor } from './failure.mjs'
import { signalGroup } from './processes.mjs'

/** Kept of a tool's output, for the message when it fails. */
const tailBytes = 64 * 1024

/** @typedef {{ environment?: NodeJS.ProcessEnv, cwd: string, signal: AbortSignal, network?: boolean, run?: import('./processes.mjs').RunFile }} ToolOptions */

/** One line of progress: the step's name, then how long it took; in a terminal the seconds count along. */
export class StepLine {
  #began = Date.now()
  #timer

  /** @param {string} name */
  constructor(name) {
    this.name = name
    process.stdout.write(`  ${name} …`)
    if (process.stdout.isTTY)
      this.#timer = setInterval(() => process.stdout.write(`\r  ${name} … ${this.#seconds(0)}`), 1000)
  }

  /** @param {number} digits */
  #seconds(digits) {
    return `${((Date.now() - this.#began) / 1000).toFixed(digits)} s`
  }

  /** @param {boolean} [done] false when it failed */
  end(done = true) {
    clearInterval(this.#timer)
    const rest = done ? ` ${this.#seconds(1)}` : ''
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[K  ${this.name} …${rest}\n` : `${rest}\n`)
  }
}

/** Shows a step while `work` runs. @template Result @param {string} name @param {() => Promise<Result>} work */
export async function step(name, work) {
  const line = new StepLine(name)
  let done = false
  try {
    const result = await work()
    done = true
    return result
  } finally {
    line.end(done)
  }
}

/**
 * Runs a tool in a process group of its own, ended as a whole when `signal` aborts.
 * @param {string} name for the message @param {string[]} words @param {ToolOptions} options
 * @returns {Promise<string>} the end of its output
 * @throws Failure with one sentence and the end of the output
 */
export function runTool(name, words, { environment, cwd, signal, network, run }) {
  const [file = '', ...rest] = words
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Failure(`${name} was stopped.`))
    const child = spawn(file, rest, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const pid = child.pid ?? 0
    if (pid) run?.add(name, pid)
    let tail = ''
    const read = chunk => {
      tail = (tail + chunk).slice(-tailBytes)
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    const stop = () => pid && signalGroup(pid, 'SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', error => reject(new Failure(`${name} could not be run: ${error.message}.`)))
    child.once('close', (code, killed) => {
      signal.removeEventListener('abort', stop)
      run?.remove(pid)
      if (code === 0) return resolve(tail)
      if (signal.aborted) return reject(new Failure(`${name} was stopped.`))
      const why = code === null ? `was ended by ${killed}` : `failed with exit code ${code}`
      const sentence = sentenceFor(tail, network)
      reject(new Failure(sentence ?? `${name} ${why}. The end of its output:`, sentence ? '' : lastLines(tail)))
    })
  })
}
