import type { Pool } from 'undici'
import { CallMap } from '../call-map'
import { type Sent, sendRequest } from './http-request'
import { frameOf, frameOfRequest, type RequestMessage, readUpstreamMessage } from './messages'
import type { ModernLeg, ModernReply } from './modern-leg'
import { traceHeaders } from './trace-context'
import type { UpstreamFailure } from './upstream'
import { failureOf } from './upstream-exchange'

/** A stream that stays open after its answer would hold its connection for ever. */
const LINGER_MS = 1_000

/** Where a server is and what it must be shown; opened, and so never told to anybody else. */
export interface HttpWay {
  readonly pool: Pool
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** An upstream of the stateless protocol over Streamable HTTP: one POST a request, one stream an answer. */
export class ModernHttpLeg implements ModernLeg {
  readonly #open = new CallMap<number, Exchange>()
  #count = 0

  constructor(private readonly way: HttpWay) {}

  get size(): number {
    return this.#open.size
  }

  send(message: RequestMessage, mirrored: Readonly<Record<string, string>>, reply: ModernReply): () => void {
    const { pool, path, headers } = this.way
    const place = ++this.#count
    const exchange = new Exchange(message, reply, () => void this.#open.take(place))
    const all = {
      ...mirrored,
      ...traceHeaders(message.params),
      ...headers,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    }
    this.#open.set(place, exchange)
    exchange.sent = sendRequest(pool, { method: 'POST', path, headers: all, body: frameOfRequest(message) }, exchange)
    // A pool that is closed fails at once, before there is anything to give up.
    if (exchange.isOver) this.#open.take(place)
    return () => {
      if (!exchange.isOver) exchange.giveUp(null)
    }
  }

  async close(): Promise<void> {
    for (const exchange of this.#open.values())
      exchange.giveUp({ wasSent: true, status: null, message: 'The server was changed while it was asked.' })
  }
}

/** Reads what comes back on one POST. */
class Exchange {
  isOver = false
  sent: Sent | null = null
  #status = 0
  #isEvents = false

  constructor(
    private readonly request: RequestMessage,
    private readonly reply: ModernReply,
    private readonly onOver: () => void,
  ) {}

  onStart(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#status = status
    this.#isEvents = status < 300 && /^text\/event-stream/i.test(String(headers['content-type'] ?? ''))
  }

  onEvent({ data }: { readonly data: string }): void {
    if (!this.isOver && data !== '') this.#take(data)
  }

  onEnd(body: string): void {
    // An upstream's refusal of our credentials is none of the caller's; all other answers it may read.
    const isOfCredentials = this.#status === 401 || this.#status === 403
    if (!this.isOver && !this.#isEvents && !isOfCredentials) this.#take(body)
    const failure = failureOf(this.#status, false)
    const message = 'The server ended its answer before it was complete.'
    this.#fail(failure ?? { wasSent: true, status: this.#status, message })
  }

  onError(message: string, wasSent: boolean): void {
    this.#fail({ wasSent, status: this.#status || null, message })
  }

  /** Ends it from this side. @param failure told to whoever waits; null where nobody does any more */
  giveUp(failure: UpstreamFailure | null): void {
    this.#over()
    this.sent?.abort()
    if (failure) this.reply.onFailure(failure)
  }

  #take(data: string): void {
    const message = readUpstreamMessage(data)
    if (message.kind === 'malformed') return
    const text = /[\r\n]/.test(data) ? frameOf(message.body) : data
    if (message.kind === 'notification') this.reply.onNotification(message, text)
    // Servers of this protocol ask nothing of their own; an answer to somebody else is none to this request.
    if (message.kind !== 'response' || message.id !== this.request.id) return
    this.#over()
    if (this.#isEvents) setTimeout(() => this.sent?.abort(), LINGER_MS).unref()
    this.reply.onResponse(message, text, this.#status)
  }

  #fail(failure: UpstreamFailure): void {
    if (this.isOver) return
    this.#over()
    this.reply.onFailure(failure)
  }

  #over(): void {
    this.isOver = true
    this.onOver()
  }
}
