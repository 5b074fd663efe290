import type { Pool } from 'undici'
import { CallMap } from '../call-map'
import { type HttpReply, type HttpRequest, sendRequest } from './http-request'
import { frameOf, type Message, type RequestId, readUpstreamMessage } from './messages'
import type { Upstream, UpstreamEvents, UpstreamFailure } from './upstream'

/** Times that a stream which ended too early is taken up again without a word having come. */
const MAX_RESUMPTIONS = 5
const RETRY_MS = 1_000
const MIN_RETRY_MS = 200
const MAX_RETRY_MS = 30_000
const FAREWELL_MS = 1_000
/** A stream that stays open after its answer would hold its connection for ever. */
const LINGER_MS = 1_000

/**
 * An upstream over Streamable HTTP (MCP 2025-03-26 to 2025-11-25). Each message is reported with the request on whose
 * stream it came. The server's own credentials are added here and nowhere else; nothing of the client's is.
 */
export class HttpUpstream implements Upstream {
  readonly #headers: Record<string, string>
  readonly #open = new CallMap<number, () => void>()
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
    const headers = { ...trace, ...this.#sessionHeaders(), 'content-type': 'application/json' }
    this.#exchange({ method: 'POST', path: this.path, headers, body: text }, requestId, 0)
  }

  settle(protocolVersion: string): void {
    this.#headers['mcp-protocol-version'] = protocolVersion
    this.#listen(null, 0)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const giveUp of this.#open.values()) giveUp()
    this.#open.clear()
    if (this.#sessionId === null) return
    await new Promise<void>(resolve => {
      const giveUp = sendRequest(
        this.pool,
        { method: 'DELETE', path: this.path, headers: this.#sessionHeaders() },
        {
          onStart: () => undefined,
          onEvent: () => undefined,
          onEnd: () => resolve(),
          onError: () => resolve(),
        },
      )
      setTimeout(() => {
        giveUp()
        resolve()
      }, FAREWELL_MS).unref()
    })
  }

  #sessionHeaders(): Record<string, string> {
    return this.#sessionId === null ? { ...this.#headers } : { ...this.#headers, 'mcp-session-id': this.#sessionId }
  }

  /** A POST, or the GET that takes its stream up again. */
  #exchange(request: HttpRequest, requestId: RequestId | null, resumptions: number): void {
    const stream = {
      status: 0,
      isEvents: false,
      lastEventId: null as string | null,
      retryMs: RETRY_MS,
      isAnswered: false,
      hasSpoken: false,
    }
    const fail = (failure: UpstreamFailure) => {
      clearTimeout(lingering)
      if (requestId !== null) this.events.onFailure(requestId, failure)
    }
    /** Takes the stream up again where it ended or broke; false when that cannot be. */
    const goesOn = (): boolean => {
      const attempts = stream.hasSpoken ? 0 : resumptions
      if (requestId === null || stream.lastEventId === null || attempts >= MAX_RESUMPTIONS) return false
      if (!stream.isAnswered) this.#resume(requestId, stream.lastEventId, stream.retryMs, attempts + 1)
      return true
    }
    let lingering: NodeJS.Timeout | undefined
    const giveUp = this.#start(request, {
      onStart: (status, headers) => {
        stream.status = status
        stream.isEvents = String(headers['content-type'] ?? '').startsWith('text/event-stream')
        const sessionId = headers['mcp-session-id']
        if (status < 300 && this.#sessionId === null && typeof sessionId === 'string') this.#sessionId = sessionId
      },
      onEvent: event => {
        if (event.id !== null) stream.lastEventId = event.id
        if (event.retryMs !== null) stream.retryMs = bounded(event.retryMs)
        const message = this.#deliver(event.data, requestId)
        if (message) stream.hasSpoken = true
        if (message?.kind === 'response' && message.id === requestId) {
          stream.isAnswered = true
          lingering ??= setTimeout(giveUp, LINGER_MS)
        } else if (!this.#isAwaited(requestId)) giveUp()
      },
      onEnd: body => {
        clearTimeout(lingering)
        const failure = failureOf(stream.status, this.#sessionId !== null)
        const message = stream.isEvents ? null : this.#deliver(body, requestId)
        // An error without an id, or an answer to somebody else, is none to this request.
        if (message?.kind === 'response' && message.id === requestId) return
        if (failure) return fail(failure)
        if (requestId === null || stream.isAnswered || !this.#isAwaited(requestId)) return
        if (goesOn()) return
        fail({ wasSent: true, status: stream.status, message: 'The server ended its answer before it was complete.' })
      },
      onError: (message, wasSent) => {
        if (stream.isEvents && goesOn()) clearTimeout(lingering)
        else fail({ wasSent: wasSent || resumptions > 0, status: stream.status || null, message })
      },
    })
  }

  /** A request that was cancelled, or is past its deadline, is not followed any further. */
  #isAwaited(requestId: RequestId | null): boolean {
    return requestId === null || (this.events.isAwaited?.(requestId) ?? true)
  }

  #resume(requestId: RequestId, lastEventId: string, afterMs: number, resumptions: number): void {
    this.#later(afterMs, () => {
      const headers = { ...this.#sessionHeaders(), accept: 'text/event-stream', 'last-event-id': lastEventId }
      this.#exchange({ method: 'GET', path: this.path, headers }, requestId, resumptions)
    })
  }

  /** The session's own stream. A server that offers none answers 405. */
  #listen(lastEventId: string | null, failures: number): void {
    let cursor = lastEventId
    let retryMs = RETRY_MS
    let status = 0
    let hasSpoken = false
    const again = () => {
      const count = hasSpoken ? 0 : failures + 1
      if (status < 400 && count <= MAX_RESUMPTIONS) this.#later(retryMs, () => this.#listen(cursor, count))
    }
    const headers = {
      ...this.#sessionHeaders(),
      accept: 'text/event-stream',
      ...(cursor === null ? {} : { 'last-event-id': cursor }),
    }
    this.#start(
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
  }

  /** Passes a message on; null when the text is none. */
  #deliver(text: string, related: RequestId | null): Message | null {
    if (text === '' || this.#isClosed) return null
    const message = readUpstreamMessage(text)
    if (message.kind === 'malformed') return null
    this.events.onMessage(message, text.includes('\n') || text.includes('\r') ? frameOf(message.body) : text, related)
    return message
  }

  /** @returns a function that gives the request up */
  #start(request: HttpRequest, reply: HttpReply): () => void {
    if (this.#isClosed) return () => undefined
    // A pool that is closed fails at once, before there is anything to give up.
    const place = ++this.#count
    let isOver = false
    const over = () => {
      isOver = true
      this.#open.take(place)
    }
    const giveUp = sendRequest(this.pool, request, {
      ...reply,
      onEnd: body => {
        over()
        reply.onEnd(body)
      },
      onError: (message, wasSent) => {
        over()
        reply.onError(message, wasSent)
      },
    })
    if (!isOver) this.#open.set(place, giveUp)
    return () => {
      over()
      giveUp()
    }
  }

  #later(ms: number, run: () => void): void {
    const place = ++this.#count
    const timer = setTimeout(() => {
      this.#open.take(place)
      run()
    }, ms)
    this.#open.set(place, () => clearTimeout(timer))
  }
}

/** How long to wait before coming back, as the server wishes, but neither at once nor hardly ever. */
function bounded(retryMs: number): number {
  return Math.min(Math.max(retryMs, MIN_RETRY_MS), MAX_RETRY_MS)
}

/** What an HTTP status says about a request; null when it is a success. The server's own words go no further. */
export function failureOf(status: number, hasSession: boolean): UpstreamFailure | null {
  if (status < 300) return null
  const base = { wasSent: true, status }
  if (status < 400)
    return { ...base, message: `The server answered with a redirect (HTTP ${status}), which is not followed.` }
  if (status === 401 || status === 403)
    return {
      ...base,
      message: `The server refused the credentials that this proxy holds for it (HTTP ${status}). Ask an admin.`,
    }
  if (status === 404 && hasSession)
    return { ...base, message: 'The server has ended this session.', isSessionLost: true }
  return { ...base, message: `The server answered with HTTP ${status}.` }
}
