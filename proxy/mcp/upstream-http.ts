import type { Pool } from 'undici'
import { CallMap } from '../call-map'
import { type HttpRequest, type Sent, sendRequest } from './http-request'
import { frameOf, type Message, type RequestId, readUpstreamMessage } from './messages'
import type { Upstream, UpstreamEvents } from './upstream'
import { bounded, type ExchangeLeg, MAX_RESUMPTIONS, RETRY_MS, UpstreamExchange } from './upstream-exchange'

const FAREWELL_MS = 1_000

/**
 * An upstream over Streamable HTTP (MCP 2025-03-26 to 2025-11-25). Each message is reported with the request on whose
 * stream it came. The server's own credentials are added here and nowhere else; nothing of the client's is.
 */
export class HttpUpstream implements Upstream {
  readonly #headers: Record<string, string>
  readonly #open = new CallMap<number, Sent>()
  readonly #leg: ExchangeLeg = {
    hasSession: () => this.#sessionId !== null,
    learn: (status, sessionId) => {
      if (status >= 300 || this.#sessionId !== null || typeof sessionId !== 'string') return
      this.#sessionId = sessionId
      this.#headers['mcp-session-id'] = sessionId
    },
    deliver: (text, related) => this.#deliver(text, related),
    isAwaited: requestId => requestId === null || (this.events.isAwaited?.(requestId) ?? true),
    resume: (requestId, lastEventId, afterMs, resumptions) =>
      this.#later(afterMs, () => {
        const headers = { ...this.#headers, accept: 'text/event-stream', 'last-event-id': lastEventId }
        this.#exchange({ method: 'GET', path: this.path, headers }, requestId, resumptions)
      }),
    fail: (requestId, failure) => this.events.onFailure(requestId, failure),
    leave: place => void this.#open.take(place),
  }
  #count = 0
  #sessionId: string | null = null
  #isClosed = false

  /** @param headers the server's own, opened */
  constructor(
    private readonly pool: Pool,
    private readonly path: string,
    headers: Readonly<Record<string, string>>,
    private readonly events: UpstreamEvents,
  ) {
    this.#headers = { ...headers, accept: 'application/json, text/event-stream' }
  }

  send(text: string, requestId: RequestId | null, trace: Readonly<Record<string, string>> = {}): void {
    const headers = { ...trace, ...this.#headers, 'content-type': 'application/json' }
    this.#exchange({ method: 'POST', path: this.path, headers, body: text }, requestId, 0)
  }

  settle(protocolVersion: string): void {
    this.#headers['mcp-protocol-version'] = protocolVersion
    this.#listen(null, 0)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const open of this.#open.values()) open.abort()
    this.#open.clear()
    if (this.#sessionId === null) return
    await new Promise<void>(resolve => {
      const sent = sendRequest(
        this.pool,
        { method: 'DELETE', path: this.path, headers: { ...this.#headers } },
        {
          onStart: () => undefined,
          onEvent: () => undefined,
          onEnd: () => resolve(),
          onError: () => resolve(),
        },
      )
      setTimeout(() => {
        sent.abort()
        resolve()
      }, FAREWELL_MS).unref()
    })
  }

  /** A POST, or the GET that takes its stream up again. */
  #exchange(request: HttpRequest, requestId: RequestId | null, resumptions: number): void {
    if (this.#isClosed) return
    const place = ++this.#count
    const exchange = new UpstreamExchange(this.#leg, place, requestId, resumptions)
    exchange.sent = sendRequest(this.pool, request, exchange)
    // A pool that is closed fails at once, before there is anything to give up.
    if (!exchange.isOver) this.#open.set(place, exchange)
  }

  /** The session's own stream. A server that offers none answers 405. */
  #listen(lastEventId: string | null, failures: number): void {
    if (this.#isClosed) return
    let cursor = lastEventId
    let retryMs = RETRY_MS
    let status = 0
    let hasSpoken = false
    const place = ++this.#count
    let isOver = false
    const again = () => {
      isOver = true
      this.#open.take(place)
      const count = hasSpoken ? 0 : failures + 1
      if (status < 400 && count <= MAX_RESUMPTIONS) this.#later(retryMs, () => this.#listen(cursor, count))
    }
    const headers = {
      ...this.#headers,
      accept: 'text/event-stream',
      ...(cursor === null ? {} : { 'last-event-id': cursor }),
    }
    const sent = sendRequest(
      this.pool,
      { method: 'GET', path: this.path, headers },
      {
        onStart: code => {
          status = code
        },
        onEvent: event => {
          if (event.id !== null) cursor = event.id
          if (event.retryMs !== null) retryMs = bounded(event.retryMs)
          if (this.#deliver(event.data, null)) hasSpoken = true
        },
        onEnd: again,
        onError: again,
      },
    )
    if (!isOver) this.#open.set(place, sent)
  }

  /** Passes a message on; null when the text is none. */
  #deliver(text: string, related: RequestId | null): Message | null {
    if (text === '' || this.#isClosed) return null
    const message = readUpstreamMessage(text)
    if (message.kind === 'malformed') return null
    this.events.onMessage(message, text.includes('\n') || text.includes('\r') ? frameOf(message.body) : text, related)
    return message
  }

  #later(ms: number, run: () => void): void {
    const place = ++this.#count
    const timer = setTimeout(() => {
      this.#open.take(place)
      run()
    }, ms)
    this.#open.set(place, { abort: () => clearTimeout(timer) })
  }
}
