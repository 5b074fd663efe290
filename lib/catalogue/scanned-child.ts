import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chownSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { accountFor } from './child-account'
import type { Launch } from './launch'

const BOUNDS = { stderrCharacters: 2_000, graceMs: 1_000 }

export interface ChildBounds {
  /** PATH; nothing else of our environment reaches the child. */
  readonly searchPath: string
  /** Longest line that is taken, in characters; a longer one ends the child. */
  readonly lineLength: number
}

/**
 * A stdio server for the length of a scan: the account, environment and folder that a proxy starts it with, own process
 * group, one message a line.
 */
export class ScannedChild {
  onLine: (line: string) => void = () => undefined
  onError: (error: Error) => void = () => undefined
  onEnd: () => void = () => undefined
  #child: ChildProcessWithoutNullStreams | null = null
  #ended: Promise<void> = Promise.resolve()
  #words = ''

  constructor(
    private readonly launch: Launch,
    private readonly bounds: ChildBounds,
  ) {}

  /** Resolves when the process runs. @throws Error that names the program */
  async start(): Promise<void> {
    const { file, args, cwd, env } = this.launch
    const account = accountFor(file, args, cwd, this.bounds.searchPath)
    if (account && env.HOME) chownSync(env.HOME, account.uid, account.gid)
    // Next's types ask each environment for NODE_ENV; this child has none of ours.
    const environment: Record<string, string> = { PATH: this.bounds.searchPath, ...env }
    const child = spawn(file, args, {
      cwd,
      env: environment as NodeJS.ProcessEnv,
      stdio: 'pipe',
      detached: true,
      ...account,
    })
    this.#child = child
    this.#ended = new Promise(resolve => child.once('close', () => resolve()))
    this.#ended.then(() => this.onEnd())
    child.stdin.on('error', error => this.onError(error))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-BOUNDS.stderrCharacters)
    })
    this.#readLines(child)
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', (error: NodeJS.ErrnoException) => {
        const where = `${file} is no program on PATH, or none that the account of servers may run`
        reject(['ENOENT', 'EACCES'].includes(error.code ?? '') ? new Error(`${where} (${error.code})`) : error)
      })
    })
  }

  write(line: string): void {
    this.#child?.stdin.write(`${line}\n`)
  }

  /** The end of what it wrote to standard error. */
  lastWords(): string {
    return this.#words.trim()
  }

  /** Closes its input, then ends it and all that it started. */
  async close(): Promise<void> {
    this.#child?.stdin.end()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await Promise.race([this.#ended, sleep(BOUNDS.graceMs)])
      this.#kill(signal)
    }
  }

  #readLines(child: ChildProcessWithoutNullStreams): void {
    let parts: string[] = []
    let length = 0
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const [first = '', ...others] = text.split('\n')
      parts.push(first)
      length += first.length
      for (const next of others) {
        this.onLine(parts.join(''))
        parts = [next]
        length = next.length
      }
      if (length <= this.bounds.lineLength) return
      this.#kill('SIGKILL')
      this.onError(new Error(`it wrote a line of more than ${this.bounds.lineLength} characters`))
    })
  }

  #kill(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // The whole group has ended.
    }
  }
}
