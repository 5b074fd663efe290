import type { ServerResponse } from 'node:http'

/** Events of one stream kept for a client that comes back with `Last-Event-ID`. */
const KEPT_EVENTS = 128
const KEPT_BYTES = 512 * 1024
/** A client that reads slower than its server writes is cut off here; it may resume. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024

/** How long a client whose stream broke may wait before it comes back. */
const RETRY_MS = 1_000

const JSON_HEADERS = { 'content-type': 'application/json' }
const EVENT_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

const flattened = new WeakMap<object, readonly string[]>()

/** Those of a JSON answer in the form that Node writes fastest. A session's own are the same object from call to call. */
function jsonHeaders(own: Readonly<Record<string, string>>): readonly string[] {
  const known = flattened.get(own)
  if (known) return known
  const flat = Object.entries({ ...own, ...JSON_HEADERS }).flat()
  flattened.set(own, flat)
  return flat
}

interface KeptEvent {
  readonly sequence: number
  readonly text: string
}

/**
 * What goes back on one POST, or on the GET of a session. A POST is answered as plain JSON when the answer is all there is
 * to say, and becomes an event stream as soon as something comes before it, or takes long.
 */
export class DownstreamStream {
  #to: ServerResponse | null
  #isStream = false
  #isFinished = false
  #sequence = 0
  #kept: KeptEvent[] = []
  #keptBytes = 0
  readonly openedAt = Date.now()

  /**
   * @param id unique in its session; events are numbered after it
   * @param headers sent with the first byte
   * @param isPrimed whether a stream begins with an empty event, so that the client can resume from its very start
   *   (2025-11-25; older clients cannot read one)
   */
  constructor(
    readonly id: string,
    response: ServerResponse,
    private readonly headers: Readonly<Record<string, string>>,
    private readonly isPrimed: boolean,
  ) {
    this.#to = response
  }

  /** Where the client reads; null once it has gone. */
  get #response(): ServerResponse | null {
    return this.#to === null || this.#to.destroyed ? null : this.#to
  }

  get isAttached(): boolean {
    return this.#response !== null
  }

  get isFinished(): boolean {
    return this.#isFinished
  }

  /** Whether events were sent or kept, so that resuming makes sense. */
  get isStream(): boolean {
    return this.#isStream
  }

  /** Sends a message that is not the last. @param text JSON on one line */
  send(text: string): void {
    this.openStream()
    this.#emit(text)
  }

  /** Sends the last message and ends. */
  finish(text: string, status = 200): void {
    if (this.#isFinished) return
    this.#isFinished = true
    if (this.#isStream) {
      this.#emit(text)
      this.#response?.end()
    } else if (this.#response) {
      // As text, so that Node sends head and body in one write.
      const length = Buffer.byteLength(text)
      this.#response.writeHead(status, [...jsonHeaders(this.headers), 'content-length', String(length)]).end(text)
    }
    this.#to = null
  }

  /** Ends without another word. A POST that never became a stream then says that it was accepted. */
  end(): void {
    this.#isFinished = true
    if (this.#isStream) this.#response?.end()
    else this.#response?.writeHead(202, this.headers).end()
    this.#to = null
  }

  openStream(): void {
    if (this.#isStream) return
    this.#isStream = true
    this.#response?.writeHead(200, { ...this.headers, ...EVENT_HEADERS })
    this.#response?.flushHeaders()
    if (this.isPrimed) this.#write(`id: ${this.id}.0\nretry: ${RETRY_MS}\ndata: \n\n`)
  }

  /** A comment, so that nothing between here and the client takes the stream for dead. */
  keepAlive(): void {
    if (this.#isStream) this.#write(': \n\n')
  }

  /** Goes on, on another response, after the event with that number. */
  resume(response: ServerResponse, afterSequence: number): void {
    // Whoever comes back has lost the connection before, also where this side has not noticed yet.
    const lost = this.#response
    this.#to = response
    lost?.destroy()
    this.#isStream = true
    response.writeHead(200, { ...this.headers, ...EVENT_HEADERS })
    response.flushHeaders()
    for (const { sequence, text } of this.#kept) if (sequence > afterSequence) this.#writeEvent(sequence, text)
    if (this.#isFinished) {
      response.end()
      this.#to = null
    }
  }

  #emit(text: string): void {
    const sequence = ++this.#sequence
    this.#keep({ sequence, text })
    this.#writeEvent(sequence, text)
  }

  #keep(event: KeptEvent): void {
    this.#kept.push(event)
    this.#keptBytes += event.text.length
    while (this.#kept.length > KEPT_EVENTS || (this.#keptBytes > KEPT_BYTES && this.#kept.length > 1))
      this.#keptBytes -= this.#kept.shift()?.text.length ?? 0
  }

  #writeEvent(sequence: number, text: string): void {
    this.#write(`event: message\nid: ${this.id}.${sequence}\ndata: ${text}\n\n`)
  }

  #write(text: string): void {
    if (!this.#response) return
    this.#response.write(text)
    if (this.#response.writableLength > MAX_UNSENT_BYTES) this.#response.destroy()
  }
}
