import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EnforcedServer } from '../enforcement'
import type { Refusals } from '../refusals'
import { beginSession } from './begin-session'
import type { Downstream } from './downstream'
import { MAX_BODY_BYTES } from './http-body'
import { LineSplitter } from './lines'
import {
  errorMessage,
  frameOf,
  type Malformed,
  type RequestId,
  type RequestMessage,
  readClientMessage,
} from './messages'
import type { Session } from './session'
import type { Bearer, SessionParts } from './session-parts'
import type { Upstreams } from './upstreams'

const SWEEP_MS = 5_000
/** How long the first list may keep the client waiting; a server that is slower is listed when it is asked. */
const FIRST_LIST_MS = 10_000
/** What may still be answered when the client has said its last word. */
const LAST_ANSWERS_MS = 1_000
/** A client that does not read what it is sent. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024
const NOT_BEGUN = { code: -32_600, message: 'The session has not begun: send initialize first.' }

export interface DoorParts {
  readonly parts: SessionParts
  readonly upstreams: Upstreams
  readonly refusals: Refusals
  readonly key: Bearer
  readonly server: EnforcedServer
}

/** How a session on standard input and output ended. */
export type Ending = 'client' | 'server' | 'unusable'

/** One client on standard input and output, with one server (MCP, stdio transport): one session for one process. */
export class StdioDoor implements Downstream {
  readonly #underWay = new Map<RequestId, Promise<void>>()
  #session: Session | null = null
  /** The same from its first moment, so that what is only beginning ends too. */
  #begun: Session | null = null
  /** Messages are taken in their order; only answers to requests are not waited for. */
  #order: Promise<void> = Promise.resolve()
  #end: (ending: Ending) => void = () => undefined

  constructor(
    private readonly door: DoorParts,
    private readonly output: Writable,
  ) {}

  /** Serves until the client closes its end, or the server is gone. */
  async run(input: Readable): Promise<Ending> {
    const ended = new Promise<Ending>(resolve => {
      this.#end = resolve
    })
    const lines = new LineSplitter(
      MAX_BODY_BYTES,
      line => {
        if (line.trim() !== '')
          this.#order = this.#order.then(() => this.#take(line)).catch(error => this.#report(error))
      },
      () => this.#end('unusable'),
    )
    input.on('data', (chunk: Buffer) => lines.push(chunk))
    input.once('end', () => void this.#order.then(() => this.#end('client')))
    // Closed without an end: a signal, or a pipe that broke.
    input.once('close', () => {
      if (!input.readableEnded) this.#end('client')
    })
    this.output.on('error', () => this.#end('client'))
    const timer = setInterval(() => this.#session?.sweep(Date.now()), SWEEP_MS)
    const ending = await ended
    clearInterval(timer)
    await Promise.race([Promise.all(this.#underWay.values()), sleep(LAST_ANSWERS_MS, null, { ref: false })])
    await this.#begun?.close('The client has ended the session.')
    return ending
  }

  /** A policy or definition is in force that was not. */
  tellToolsChanged(): void {
    this.#session?.tellToolsChanged()
  }

  send(text: string): void {
    this.output.write(`${text}\n`)
    if (this.output.writableLength > MAX_UNSENT_BYTES) this.#end('unusable')
  }

  keepAlive(): void {
    // A pipe needs no sign of life.
  }

  close(): void {
    this.#end('server')
  }

  async #take(line: string): Promise<void> {
    const readAt = performance.now()
    const message = readClientMessage(line)
    if (message.kind === 'malformed') return this.#refuse(message)
    const session = this.#session
    if (message.kind === 'request' && message.method === 'initialize' && !session) return this.#begin(message)
    if (!session) {
      if (message.kind === 'request') this.send(frameOf(errorMessage(message.id, NOT_BEGUN)))
      return
    }
    if (message.kind === 'request') return this.#answer(session, message, readAt)
    session.take(message)
    // So that the first run pins what is listed before anything is asked, and drift is told at once.
    if (message.kind === 'notification' && message.method === 'notifications/initialized')
      await Promise.race([session.definitions.digestOf(''), sleep(FIRST_LIST_MS, null, { ref: false })])
  }

  async #begin(message: RequestMessage): Promise<void> {
    const { parts, upstreams, key, server } = this.door
    const onBegin = (session: Session) => {
      this.#begun = session
    }
    const opening = { key, server, openWay: () => this, onBegin }
    const { session, text } = await beginSession(parts, upstreams, opening, message)
    this.#session = session
    if (text !== '') this.send(text)
    if (!session) this.#end('server')
  }

  #answer(session: Session, message: RequestMessage, readAt: number): Promise<void> | void {
    const { id } = message
    if (this.#underWay.has(id)) {
      const problem = 'This id is in use by a request that is under way.'
      return this.#refuse({ ...message, kind: 'malformed', problem, code: -32600, params: message.params ?? null })
    }
    const answered = session
      .answer(message, readAt)
      .catch(error => {
        this.#report(error)
        return frameOf(errorMessage(id, { code: -32_603, message: 'This request could not be handled.' }))
      })
      .then(text => {
        this.#underWay.delete(id)
        if (text !== null) this.send(text)
      })
    this.#underWay.set(id, answered)
  }

  #report(error: unknown): void {
    this.door.parts.log.error({ error }, 'a message could not be handled')
  }

  /** Refused and recorded, as over HTTP. */
  async #refuse(message: Malformed): Promise<void> {
    const { key, server, refusals } = this.door
    const { id = null, clientName = null, clientVersion = null } = this.#session?.facts ?? {}
    const { identityId, identity, prefix } = key
    const caller = { identityId, identity: identity.name, keyPrefix: prefix, session: id, clientName, clientVersion }
    const denial = await refusals.malformed(caller, server.slug, { ...message, requestId: message.id }, message.problem)
    const data = { 'intercept/decision': denial.decision }
    this.send(
      frameOf(errorMessage(message.id, { code: message.code, message: `Malformed message: ${message.problem}`, data })),
    )
  }
}
