import type { Dispatcher, Pool } from 'undici'
import { Gathering } from '../gathering'
import { EventStreamReader, type ServerSentEvent } from './event-stream'
import { isLostConnection, isRepeatable } from './repeatable'
import { MAX_UPSTREAM_BYTES } from './upstream'

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

/** A request that was sent. */
export interface Sent {
  /** Gives it up: nothing more of it is told. */
  abort(): void
}

/** What comes back, in this order: `onStart` once, then events or one body, then `onEnd`; or `onError` at any time. */
export interface HttpReply {
  onStart(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void
  /** Of an answer that is an event stream. */
  onEvent(event: ServerSentEvent): void
  /** The stream ended; `body` is the whole of an answer that is no event stream. */
  onEnd(body: string): void
  /** @param wasSent false only when not a byte of the request left */
  onError(message: string, wasSent: boolean): void
}

/**
 * One request on a pooled connection, by undici's dispatch: no redirect is followed, nothing is decompressed, every size
 * is bounded. (`fetch` costs ten times the CPU: perf/MEASURED §2.)
 */
export function sendRequest(pool: Pool, request: HttpRequest, reply: HttpReply): Sent {
  const handler = new ReplyHandler(reply, pool, request)
  handler.dispatch()
  return handler
}

function isEventStream(type: string | string[] | undefined): boolean {
  return (
    type !== 'application/json' &&
    String(type ?? '')
      .toLowerCase()
      .startsWith('text/event-stream')
  )
}

/** What has come, in the order in which it came, whosesoever it is. */
const arrivals = new Gathering<() => void>(tell => tell())

class ReplyHandler implements Dispatcher.DispatchHandler, Sent {
  #controller: Dispatcher.DispatchController | null = null
  #events: EventStreamReader | null = null
  #chunks: Buffer[] = []
  #length = 0
  #isOver = false
  #isGivenUp = false
  #hasBegun = false
  #isRepeated = false

  constructor(
    private readonly reply: HttpReply,
    private readonly pool: Pool,
    private readonly request: HttpRequest,
  ) {}

  dispatch(): void {
    const { method, path, headers, body } = this.request
    this.pool.dispatch({ method, path, headers, body, headersTimeout: 0, bodyTimeout: 0 }, this)
  }

  abort(): void {
    this.#isOver = true
    this.#isGivenUp = true
    this.#chunks = []
    this.#controller?.abort(new Error('given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(new Error('given up'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#hasBegun = true
    if (this.#isOver || status < 200) return
    const encoding = headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      this.#fail('The server compressed its answer although it was not asked to.')
      return
    }
    this.reply.onStart(status, headers)
    if (status < 300 && isEventStream(headers['content-type']))
      this.#events = new EventStreamReader(
        MAX_UPSTREAM_BYTES,
        event => {
          if (!this.#isOver) this.#tell(() => this.reply.onEvent(event))
        },
        () => this.#fail(TOO_LONG),
      )
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return
    this.#length += chunk.length
    if (this.#events) this.#events.push(chunk)
    else if (this.#length > MAX_UPSTREAM_BYTES) this.#fail(TOO_LONG)
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#tell(() => {
      const [first] = this.#chunks
      const bytes = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
      this.reply.onEnd(bytes.toString())
    })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return
    const isUnanswered = !this.#hasBegun && isLostConnection(error)
    if (isUnanswered && !this.#isRepeated && isRepeatable(this.request)) {
      this.#isRepeated = true
      this.dispatch()
      return
    }
    this.#isOver = true
    this.#tell(() => this.reply.onError(isUnanswered ? UNANSWERED : describe(error), this.#controller !== null))
  }

  #fail(message: string): void {
    this.#isOver = true
    this.#chunks = []
    this.#controller?.abort(new Error(message))
    this.#tell(() => this.reply.onError(message, true))
  }

  /** Behind what came before it, unless the request was given up since. */
  #tell(tell: () => void): void {
    arrivals.add(() => {
      if (this.#isGivenUp) return
      try {
        tell()
      } catch (error) {
        this.abort()
        this.reply.onError(describe(error as Error), true)
      }
    })
  }
}

const UNANSWERED =
  'The server closed the connection before it answered; whether it took the request is not known. It is not sent again.'
const TOO_LONG = `The server answered with more than ${MAX_UPSTREAM_BYTES} bytes.`

/** For the caller: what kind of fault, and no address. */
function describe(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? error.name
  return `The server could not be reached (${/^[A-Z0-9_]{1,40}$/.test(code) ? code : 'error'}).`
}
