import type { ServerSentEvent } from './event-stream'
import type { HttpReply, Sent } from './http-request'
import type { Message, RequestId } from './messages'
import type { UpstreamFailure } from './upstream'

/** Times that a stream which ended too early is taken up again without a word having come. */
export const MAX_RESUMPTIONS = 5
export const RETRY_MS = 1_000
const MIN_RETRY_MS = 200
const MAX_RETRY_MS = 30_000
/** A stream that stays open after its answer would hold its connection for ever. */
const LINGER_MS = 1_000
const CUT_SHORT = 'The server ended its answer before it was complete.'

/** The leg that an exchange belongs to. */
export interface ExchangeLeg {
  hasSession(): boolean
  /** What the head of an answer says of the session. */
  learn(status: number, sessionId: unknown): void
  /** Passes a message on; null when the text is none. */
  deliver(text: string, related: RequestId | null): Message | null
  /** Whether a request still waits: one that was cancelled, or is past its deadline, is not followed any further. */
  isAwaited(requestId: RequestId | null): boolean
  resume(requestId: RequestId, lastEventId: string, afterMs: number, resumptions: number): void
  fail(requestId: RequestId, failure: UpstreamFailure): void
  /** There is nothing left to give up. */
  leave(place: number): void
}

/**
 * What comes back on a POST, or on the GET that takes its stream up again. One object for each call and no closures, since
 * every call makes one.
 */
export class UpstreamExchange implements HttpReply {
  /** Set once it was sent. */
  sent: Sent | null = null
  isOver = false
  #status = 0
  #isEvents = false
  #lastEventId: string | null = null
  #retryMs = RETRY_MS
  #isAnswered = false
  #hasSpoken = false
  #lingering: NodeJS.Timeout | undefined

  /** @param place its name in the leg */
  constructor(
    private readonly leg: ExchangeLeg,
    private readonly place: number,
    private readonly requestId: RequestId | null,
    private readonly resumptions: number,
  ) {}

  /** Gives it up. */
  abort(): void {
    this.#over()
    this.sent?.abort()
  }

  onStart(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#status = status
    this.#isEvents = String(headers['content-type'] ?? '').startsWith('text/event-stream')
    this.leg.learn(status, headers['mcp-session-id'])
  }

  onEvent({ id, retryMs, data }: ServerSentEvent): void {
    if (id !== null) this.#lastEventId = id
    if (retryMs !== null) this.#retryMs = bounded(retryMs)
    const message = this.leg.deliver(data, this.requestId)
    if (message) this.#hasSpoken = true
    if (this.#isAnswer(message)) {
      this.#isAnswered = true
      this.#lingering ??= setTimeout(() => this.abort(), LINGER_MS)
    } else if (!this.leg.isAwaited(this.requestId)) this.abort()
  }

  onEnd(body: string): void {
    this.#over()
    clearTimeout(this.#lingering)
    const failure = failureOf(this.#status, this.leg.hasSession())
    const message = this.#isEvents ? null : this.leg.deliver(body, this.requestId)
    // An error without an id, or an answer to somebody else, is none to this request.
    if (this.#isAnswer(message)) return
    if (failure) this.#fail(failure)
    else if (this.requestId !== null && !this.#isAnswered && this.leg.isAwaited(this.requestId) && !this.#goesOn())
      this.#fail({ wasSent: true, status: this.#status, message: CUT_SHORT })
  }

  onError(message: string, wasSent: boolean): void {
    this.#over()
    if (this.#isEvents && this.#goesOn()) clearTimeout(this.#lingering)
    else this.#fail({ wasSent: wasSent || this.resumptions > 0, status: this.#status || null, message })
  }

  #isAnswer(message: Message | null): boolean {
    return message?.kind === 'response' && message.id === this.requestId
  }

  /** Takes the stream up again where it ended or broke; false when that cannot be. */
  #goesOn(): boolean {
    const { requestId } = this
    const attempts = this.#hasSpoken ? 0 : this.resumptions
    if (requestId === null || this.#lastEventId === null || attempts >= MAX_RESUMPTIONS) return false
    if (!this.#isAnswered) this.leg.resume(requestId, this.#lastEventId, this.#retryMs, attempts + 1)
    return true
  }

  #fail(failure: UpstreamFailure): void {
    clearTimeout(this.#lingering)
    if (this.requestId !== null) this.leg.fail(this.requestId, failure)
  }

  #over(): void {
    this.isOver = true
    this.leg.leave(this.place)
  }
}

/** How long to wait before coming back, as the server wishes, but neither at once nor hardly ever. */
export function bounded(retryMs: number): number {
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
