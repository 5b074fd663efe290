import type { ServerResponse } from 'node:http'

/** A client that reads slower than its server writes is cut off here. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024
const EVENT_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/**
 * What goes back on one POST of the stateless protocol: plain JSON when the answer is all there is to say, an event stream
 * as soon as something comes before it. There is nothing to resume: a client that closes it has cancelled.
 */
export class ModernStream {
  #isStream = false
  isOver = false

  /** @param onGone called when the client closes before the answer was sent */
  constructor(
    private readonly response: ServerResponse,
    onGone: () => void,
  ) {
    response.once('close', () => {
      if (this.isOver) return
      this.isOver = true
      onGone()
    })
  }

  /** Sends a message that is not the last. @param text JSON on one line */
  send(text: string): void {
    this.open()
    this.#write(`event: message\ndata: ${text}\n\n`)
  }

  /** Sends the last message and ends. @param status of HTTP, where nothing was sent before */
  finish(text: string, status = 200): void {
    if (this.isOver) return
    if (this.#isStream) {
      this.send(text)
      this.end()
      return
    }
    this.isOver = true
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    this.response.writeHead(status, headers).end(text)
  }

  /** Ends without another word. */
  end(): void {
    if (this.isOver) return
    this.open()
    this.isOver = true
    this.response.end()
  }

  open(): void {
    if (this.#isStream || this.isOver) return
    this.#isStream = true
    this.response.writeHead(200, EVENT_HEADERS).flushHeaders()
  }

  /** A comment, so that nothing between here and the client takes the stream for dead. */
  keepAlive(): void {
    this.open()
    this.#write(': \n\n')
  }

  #write(text: string): void {
    if (this.isOver) return
    this.response.write(text)
    if (this.response.writableLength > MAX_UNSENT_BYTES) this.response.destroy()
  }
}
