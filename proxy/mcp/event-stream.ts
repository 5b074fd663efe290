import { StringDecoder } from 'node:string_decoder'

export interface ServerSentEvent {
  readonly data: string
  readonly id: string | null
  /** Milliseconds to wait before coming back, where the server said so. */
  readonly retryMs: number | null
}

/** Reads an event stream (WHATWG HTML §9.2) from chunks of bytes. */
export class EventStreamReader {
  readonly #decoder = new StringDecoder('utf8')
  #buffer = ''
  #scanned = 0
  #data: string[] = []
  #size = 0
  #id: string | null = null
  #retryMs: number | null = null

  /** @param maxLength longest event in UTF-16 units; past it `onTooLong` is called and the rest is ignored */
  constructor(
    private readonly maxLength: number,
    private readonly onEvent: (event: ServerSentEvent) => void,
    private readonly onTooLong: () => void,
  ) {}

  push(chunk: Buffer): void {
    this.#buffer += this.#decoder.write(chunk)
    let start = 0
    for (;;) {
      const end = endOfLine(this.#buffer, Math.max(start, this.#scanned))
      if (end < 0) break
      // A CR at the very end may be half of a CR LF.
      if (this.#buffer[end] === '\r' && end === this.#buffer.length - 1) break
      this.#line(this.#buffer.slice(start, end))
      start = end + (this.#buffer.startsWith('\r\n', end) ? 2 : 1)
      this.#scanned = start
    }
    this.#buffer = this.#buffer.slice(start)
    this.#scanned = Math.max(0, this.#buffer.length - 1)
    if (this.#buffer.length + this.#size > this.maxLength) {
      this.#buffer = ''
      this.onTooLong()
    }
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') {
      this.#data.push(value)
      this.#size += value.length
    } else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.#retryMs = Number(value)
  }

  #dispatch(): void {
    const data = this.#data.join('\n')
    this.#data = []
    this.#size = 0
    this.onEvent({ data, id: this.#id, retryMs: this.#retryMs })
  }
}

function endOfLine(text: string, from: number): number {
  const lf = text.indexOf('\n', from)
  const cr = text.indexOf('\r', from)
  if (cr < 0) return lf
  return lf < 0 ? cr : Math.min(lf, cr)
}
