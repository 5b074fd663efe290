import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../asked'
import type { EnforcedKey, EnforcedServer } from '../enforcement'
import { frameOf, type NotificationMessage, type RequestMessage, type ResponseMessage } from './messages'
import type { Reached } from './modern-servers'
import { ModernStream } from './modern-stream'
import { clientOf, MODERN_VERSION } from './modern-version'
import { deadlinesOf, type Reply } from './pending'
import type { UpstreamFailure } from './upstream'

/** A request that came in, and who may see its answer. */
export interface ModernAsk {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly key: EnforcedKey
  readonly server: EnforcedServer
}

/** How an upstream answered, with the HTTP status that the answer came with. */
export interface Answer {
  readonly reply: Reply
  readonly status: number
}

/** After this long without a word the answer becomes a stream, whose comments keep the connection alive. */
const QUIET_MS = 10_000
const CANCELLED: UpstreamFailure = { wasSent: true, status: null, message: 'Cancelled by the client.' }

/** One POST of the stateless protocol under way: to the upstream, and back on its own stream. */
export class ModernExchange {
  readonly stream: ModernStream
  readonly caller: Caller
  readonly #startedAt = Date.now()
  #heardAt = this.#startedAt
  #wroteAt = this.#startedAt
  #fail: (failure: UpstreamFailure) => void = () => undefined
  #isGone = false
  /** The upstream refused in a way that a server of this protocol does not. */
  isDoubtful = false

  /**
   * @param way null where nothing may be started for the caller
   * @param isEndless a subscription, which no deadline ends
   */
  constructor(
    readonly ask: ModernAsk,
    readonly message: RequestMessage,
    readonly way: Reached | null,
    private readonly isEndless: boolean,
  ) {
    this.stream = new ModernStream(ask.response, () => {
      this.#isGone = true
      this.#fail(CANCELLED)
    })
    const { key, server } = ask
    const { name, version } = clientOf(message.params)
    this.caller = {
      identity: key.identity,
      keyPrefix: key.prefix,
      sessionId: null,
      clientName: name,
      clientVersion: version,
      server: server.slug,
      protocolVersion: () => MODERN_VERSION,
      seenDigest: tool => way?.definitions.digestOf(tool) ?? null,
      hasDefinitions: () => way?.definitions.isKnown ?? false,
    }
  }

  /** Whether the client has closed its stream, which cancels the request. */
  get isGone(): boolean {
    return this.#isGone
  }

  /**
   * Sends the request upstream and waits for what becomes of it. Never rejects. Notifications go to the client as they
   * come, unless `onNotification` takes them.
   */
  send(
    headers: Readonly<Record<string, string>>,
    message: RequestMessage = this.message,
    onNotification: (notification: NotificationMessage, text: string) => void = ({ method }, text) => {
      // Of a subscription; on another stream it could name what the caller may not see.
      if (method !== 'notifications/resources/updated' && method !== 'notifications/tasks') this.pass(text)
    },
  ): Promise<Answer> {
    const { way } = this
    if (!way || this.#isGone) return Promise.resolve({ reply: notSent(this.#isGone), status: 200 })
    return new Promise(resolve => {
      const settle = (reply: Reply, status: number) => {
        this.#fail = () => undefined
        resolve({ reply, status })
      }
      const giveUp = way.leg.send(message, headers, {
        onNotification: (notification, text) => {
          this.#heardAt = Date.now()
          onNotification(notification, text)
        },
        onResponse: (response: ResponseMessage, text, status) =>
          settle({ kind: 'response', message: response, text }, status === 400 || status === 404 ? status : 200),
        onFailure: failure => {
          const { status } = failure
          this.isDoubtful = status === 400 || status === 404 || status === 405
          settle({ kind: 'failure', failure, isCancelled: false }, 200)
        },
      })
      this.#fail = failure => {
        giveUp()
        settle({ kind: 'failure', failure, isCancelled: this.#isGone }, 200)
      }
    })
  }

  /** Gives up what is under way. */
  giveUp(message: string): void {
    this.#fail({ wasSent: true, status: null, message })
  }

  /** Passes a message on that is not the last. @param text JSON on one line */
  pass(text: string): void {
    this.#wroteAt = Date.now()
    this.stream.send(text)
  }

  finish(body: string | Parameters<typeof frameOf>[0], status = 200): void {
    this.stream.finish(typeof body === 'string' ? body : frameOf(body), status)
  }

  sweep(now: number): void {
    const { idleMs, totalMs } = deadlinesOf(this.ask.server)
    const isLate = now - this.#heardAt > idleMs || now - this.#startedAt > totalMs
    if (isLate && !this.isEndless) this.giveUp('The server did not answer in time.')
    if (now - this.#wroteAt < QUIET_MS) return
    this.#wroteAt = now
    this.stream.keepAlive()
  }
}

function notSent(isCancelled: boolean): Reply {
  const message = isCancelled ? CANCELLED.message : 'The server is not granted.'
  return { kind: 'failure', failure: { wasSent: false, status: null, message }, isCancelled }
}
