import { StringDecoder } from 'node:string_decoder'

export interface ServerSentEvent {
  /** `message` where the server gave none. */
  readonly name: string
  readonly data: string
  readonly id: string | null
  /** Milliseconds to wait before coming back, where the server said so. */
  readonly retryMs: number | null
}

/** What a line takes beside its text, so that endless empty ones come to an end too. */
const LINE_COST = 64

/** Reads an event stream (WHATWG HTML §9.2) from chunks of bytes. */
export class EventStreamReader {
  readonly #decoder = new StringDecoder('utf8')
  /** The unfinished line, in the pieces it came in: joining them at each chunk would take quadratic time. */
  #pieces: string[] = []
  #pieceLength = 0
  #isAfterCr = false
  #name = ''
  #data: string[] = []
  #dataLength = 0
  #id: string | null = null
  #retryMs: number | null = null

  /** @param maxLength longest event in UTF-16 units; past it `onTooLong` is called and the rest is ignored */
  constructor(
    private readonly maxLength: number,
    private readonly onEvent: (event: ServerSentEvent) => void,
    private readonly onTooLong: () => void,
  ) {}

  push(chunk: Buffer): void {
    const text = this.#decoder.write(chunk)
    // The LF of a CR LF whose CR ended the chunk before.
    let start = this.#isAfterCr && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#isAfterCr = false
    for (let end = endOfLine(text, start); end >= 0; end = endOfLine(text, start)) {
      this.#pieces.push(text.slice(start, end))
      const line = this.#pieces.join('')
      this.#pieces = []
      this.#pieceLength = 0
      this.#line(line)
      const isCr = text[end] === '\r'
      this.#isAfterCr = isCr && end === text.length - 1
      start = end + (isCr && text[end + 1] === '\n' ? 2 : 1)
    }
    if (start < text.length) this.#pieces.push(text.slice(start))
    this.#pieceLength += text.length - start
    if (this.#pieceLength + this.#dataLength <= this.maxLength) return
    this.#pieces = []
    this.#data = []
    this.onTooLong()
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
      this.#dataLength += value.length + LINE_COST
    } else if (field === 'event') this.#name = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.#retryMs = Number(value)
  }

  #dispatch(): void {
    const data = this.#data.join('\n')
    this.#data = []
    this.#dataLength = 0
    const name = this.#name || 'message'
    this.#name = ''
    this.onEvent({ name, data, id: this.#id, retryMs: this.#retryMs })
  }
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 10 || unit === 13) return at
  }
  return -1
}
