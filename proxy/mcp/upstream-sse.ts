import type { Pool } from 'undici'
import { CallMap } from '../call-map'
import { type Sent, sendRequest } from './http-request'
import { frameOf, type RequestId, readUpstreamMessage } from './messages'
import type { Upstream, UpstreamEvents, UpstreamFailure } from './upstream'
import { failureOf } from './upstream-exchange'

/** Where a server with HTTP and SSE is, and what it must be shown. */
export interface SseWay {
  readonly pool: Pool
  /** Of the event stream. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A stream must say within this time where to post, and in so many characters; so many messages wait until then, since a
 * client says little before it is answered.
 */
export const SSE_BOUNDS = { endpointMs: 15_000, endpointLength: 2_048, waiting: 64 }

interface Unsent {
  readonly text: string
  readonly requestId: RequestId | null
  readonly trace: Readonly<Record<string, string>>
}

/**
 * An upstream over HTTP with SSE (MCP 2024-11-05): one event stream whose first event names the address that messages are
 * posted to; every answer comes on the stream. Without it nothing can be answered, so the session ends with it. The
 * server's own credentials go to the origin of the stream and nowhere else.
 */
export class SseUpstream implements Upstream {
  readonly #headers: Record<string, string>
  readonly #posts = new CallMap<number, Sent>()
  #count = 0
  readonly #waiting: Unsent[] = []
  readonly #stream: Sent
  readonly #late: NodeJS.Timeout
  #endpoint: string | null = null
  #isClosed = false

  /** Opens the stream at once. */
  constructor(
    private readonly way: SseWay,
    private readonly events: UpstreamEvents,
  ) {
    this.#headers = { ...way.headers }
    this.#late = setTimeout(
      () => this.#lose('The server did not say in time where to post messages.'),
      SSE_BOUNDS.endpointMs,
    )
    this.#stream = this.#openStream()
  }

  send(text: string, requestId: RequestId | null, trace: Readonly<Record<string, string>> = {}): void {
    if (this.#isClosed) this.#fail(requestId, { wasSent: false, status: null, message: LOST })
    else if (this.#endpoint !== null) this.#post(this.#endpoint, { text, requestId, trace })
    else if (this.#waiting.length < SSE_BOUNDS.waiting) this.#waiting.push({ text, requestId, trace })
    else this.#fail(requestId, { wasSent: false, status: null, message: 'Too many messages wait for the server.' })
  }

  settle(protocolVersion: string): void {
    this.#headers['mcp-protocol-version'] = protocolVersion
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#late)
    for (const sent of this.#posts.values()) sent.abort()
    this.#posts.clear()
    this.#stream.abort()
  }

  #openStream(): Sent {
    const { pool, url } = this.way
    let status = 0
    let isEvents = false
    return sendRequest(
      pool,
      { method: 'GET', path: url.pathname + url.search, headers: { ...this.#headers, accept: 'text/event-stream' } },
      {
        onStart: (code, headers) => {
          status = code
          isEvents = String(headers['content-type'] ?? '')
            .toLowerCase()
            .startsWith('text/event-stream')
          if (code < 300 && !isEvents) this.#lose('The server opened no event stream.')
        },
        onEvent: ({ name, data }) => this.#take(name, data),
        onEnd: () => this.#lose(failureOf(status, false)?.message ?? LOST),
        onError: message => this.#lose(isEvents ? LOST : message),
      },
    )
  }

  #take(name: string, data: string): void {
    if (this.#isClosed) return
    if (name === 'endpoint') this.#settleEndpoint(data)
    if (name !== 'message' || data === '') return
    const message = readUpstreamMessage(data)
    if (message.kind === 'malformed') return
    this.events.onMessage(message, /[\r\n]/.test(data) ? frameOf(message.body) : data, null)
  }

  /** The first address holds; a stream cannot move its messages elsewhere. */
  #settleEndpoint(data: string): void {
    if (this.#endpoint !== null) return
    const path = endpointPath(data, this.way.url)
    if (path === null)
      return void this.#lose('The server named an address for messages that is not its own; nothing was sent there.')
    clearTimeout(this.#late)
    this.#endpoint = path
    for (const unsent of this.#waiting.splice(0)) this.#post(path, unsent)
  }

  #post(path: string, { text, requestId, trace }: Unsent): void {
    const headers = { ...trace, ...this.#headers, accept: 'application/json', 'content-type': 'application/json' }
    let status = 0
    let isOver = false
    const place = ++this.#count
    const over = (failure: UpstreamFailure | null) => {
      isOver = true
      this.#posts.take(place)
      if (failure) this.#fail(requestId, failure)
    }
    const sent = sendRequest(
      this.way.pool,
      { method: 'POST', path, headers, body: text },
      {
        onStart: code => {
          status = code
        },
        // Answers come on the stream alone: what else is said here is to nobody.
        onEvent: () => undefined,
        onEnd: () => over(failureOf(status, true)),
        onError: (message, wasSent) => over({ wasSent, status: status || null, message }),
      },
    )
    if (!isOver) this.#posts.set(place, sent)
  }

  #fail(requestId: RequestId | null, failure: UpstreamFailure): void {
    if (requestId !== null) this.events.onFailure(requestId, failure)
  }

  #lose(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { requestId } of this.#waiting.splice(0))
      this.#fail(requestId, { wasSent: false, status: null, message: reason })
    // Not at once, since a pool that is closed fails before there is a stream to stop.
    queueMicrotask(() => void this.close())
    this.events.onClose(reason)
  }
}

const LOST = 'The event stream of the server has ended, and with it this session.'

/**
 * Where messages are posted to, as a path of the stream's own origin; null when the address is anywhere else, or no plain
 * address.
 */
export function endpointPath(data: string, stream: URL): string | null {
  // A reader of addresses drops tabs and line breaks, so that what was read would not be what was written.
  if (data === '' || data.length > SSE_BOUNDS.endpointLength || /[\p{Cc}\s\\]/u.test(data)) return null
  if (!URL.canParse(data, stream.href)) return null
  const url = new URL(data, stream.href)
  const isPlain = url.username === '' && url.password === '' && url.hash === ''
  return isPlain && url.origin === stream.origin ? url.pathname + url.search : null
}
