import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chownSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Launch, launchOf } from '@/lib/catalogue/launch'
import { accountFor } from './child-account'
import { makeHome } from './child-home'
import { LineSplitter } from './lines'
import { frameOf, type RequestId, readUpstreamMessage } from './messages'
import { MAX_UPSTREAM_BYTES, type Upstream, type UpstreamEvents } from './upstream'

/** The end of what a child wrote to standard error, for whoever must find out why it died. */
const KEPT_STDERR_BYTES = 8 * 1024
/** A child that does not read: what waits for it is bounded, and past it calls fail. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024
const GRACE_MS = 350
const DRAIN_MS = 200

export interface StdioServer {
  readonly slug: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** PATH; nothing else of the proxy's environment reaches the child. */
  readonly searchPath: string
  /** How to start it where the catalogue does not say: as it stands, in the account that this process has. */
  readonly launch?: Launch
  /** Hears what the child writes to standard error. */
  readonly onStderr?: (chunk: Buffer) => void
}

export interface ChildExit {
  readonly description: string
  /** The end of its standard error. */
  readonly stderr: string
  /** It had not answered `initialize`, and nobody had asked it to end. */
  readonly isFailedStart: boolean
}

/** A child process that speaks one JSON message a line (MCP, stdio transport). */
export class StdioUpstream implements Upstream {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #home: string
  /** Whether the child runs in an account of its own. */
  readonly isSeparate: boolean
  #stderr = ''
  #isClosed = false
  #isSettled = false
  readonly #exited: Promise<void>

  /** Starts the child: argument list, no shell, clean environment, own HOME, own process group. */
  constructor(
    server: StdioServer,
    private readonly events: UpstreamEvents,
    onExit: (exit: ChildExit) => void,
  ) {
    this.#home = makeHome(server.slug)
    const launch = server.launch ?? launchOf(server.command, server.environment, this.#home)
    const account = server.launch ? null : accountFor(launch.file, launch.args, launch.cwd, server.searchPath)
    this.isSeparate = account !== null
    if (account) chownSync(this.#home, account.uid, account.gid)
    const env: Record<string, string> = { PATH: server.searchPath, ...launch.env }
    this.#child = spawn(launch.file, launch.args, {
      cwd: launch.cwd,
      env: env as NodeJS.ProcessEnv,
      stdio: 'pipe',
      shell: false,
      detached: true,
      ...(account === null ? {} : account),
    })
    this.#exited = new Promise(resolve => {
      const ended = (description: string) => {
        onExit({ description, stderr: this.#stderr, isFailedStart: !this.#isClosed && !this.#isSettled })
        this.#finish(`The server ${server.slug} ended (${description}).`)
        resolve()
      }
      this.#child.once('error', error =>
        ended(`it could not be started: ${(error as NodeJS.ErrnoException).code ?? 'error'}`),
      )
      // Its last words may still be in the pipe; a grandchild that holds the pipe open must not hold up the end.
      const drained = new Promise(drain => this.#child.once('close', drain))
      this.#child.once('exit', async (code, signal) => {
        await Promise.race([drained, sleep(DRAIN_MS)])
        ended(signal ? `signal ${signal}` : `code ${code}`)
      })
    })
    this.#read(server.onStderr)
  }

  send(text: string, requestId: RequestId | null): void {
    const { stdin } = this.#child
    const problem = this.#isClosed || !stdin.writable ? 'The server does not run any more.' : this.#fullness()
    if (problem === null) stdin.write(`${text}\n`)
    else if (requestId !== null) this.events.onFailure(requestId, { wasSent: false, status: null, message: problem })
  }

  settle(): void {
    this.#isSettled = true
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#child.stdin.end()
    await Promise.race([this.#exited, sleep(GRACE_MS, undefined, { ref: false })])
    this.#kill('SIGTERM')
    await Promise.race([this.#exited, sleep(GRACE_MS, undefined, { ref: false })])
    this.#finish('The session ended.')
  }

  #read(onStderr?: (chunk: Buffer) => void): void {
    const { stdin, stdout, stderr } = this.#child
    const lines = new LineSplitter(
      MAX_UPSTREAM_BYTES,
      line => this.#take(line),
      () => {
        this.#kill('SIGKILL')
        this.#finish(`The server wrote a line of more than ${MAX_UPSTREAM_BYTES} bytes.`)
      },
    )
    stdout.on('data', (chunk: Buffer) => lines.push(chunk))
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR_BYTES)
      onStderr?.(chunk)
    })
    // A child that closes its input is found out by its exit; the error alone must not end the proxy.
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined)
  }

  /** Lines that are no message are banners and prints; real servers write them. */
  #take(line: string): void {
    if (this.#isClosed || !line.trimStart().startsWith('{')) return
    const message = readUpstreamMessage(line)
    if (message.kind === 'malformed') this.#unreadable(line, message.problem)
    else this.events.onMessage(message, line.includes('\r') ? frameOf(message.body) : line, null)
  }

  /** There is no stream whose end would tell that no other answer comes: the request must not wait for one. */
  #unreadable(line: string, problem: string): void {
    const id = answeredBy(line)
    const message = `The answer of the server cannot be read. ${problem}`
    if (id !== null) this.events.onFailure(id, { wasSent: true, status: null, message })
  }

  #fullness(): string | null {
    return this.#child.stdin.writableLength > MAX_UNSENT_BYTES ? 'The server does not read what it is sent.' : null
  }

  #finish(reason: string): void {
    const wasClosed = this.#isClosed
    this.#isClosed = true
    // What the child started outlives it otherwise.
    this.#kill('SIGKILL')
    rmSync(this.#home, { recursive: true, force: true })
    if (!wasClosed) this.events.onClose(reason)
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // The group is gone.
    }
  }
}

/** The request that a line seems to answer, read without any care. */
function answeredBy(line: string): RequestId | null {
  try {
    const { id, method } = JSON.parse(line)
    return method === undefined && (typeof id === 'string' || typeof id === 'number') ? id : null
  } catch {
    return null
  }
}
