import { StringDecoder } from 'node:string_decoder'

export interface StreamEvent {
  readonly data: string
  readonly id: string | null
  /** Milliseconds that the server asks to wait before coming back. */
  readonly retryMs: number | null
}

/** The proxy takes and gives at most 32 MiB a message; this is what ends a stream that is no event stream at all. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024

/**
 * The events of a stream (WHATWG HTML §9.2), as they come. An event that the stream breaks off in is dropped.
 * @throws Error when the connection breaks, or an event is longer than 64 Mi UTF-16 units
 */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<StreamEvent> {
  let data: string[] = []
  let id: string | null = null
  let retryMs: number | null = null
  for await (const line of readLines(chunks)) {
    if (line === '') {
      yield { data: data.join('\n'), id, retryMs }
      data = []
      continue
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d{1,7}$/.test(value)) retryMs = Number(value)
  }
}

async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let pieces: string[] = []
  let length = 0
  for await (const chunk of chunks) {
    // The proxy ends lines with LF; a CR before it belongs to the line end as well.
    const parts = decoder.write(chunk).split('\n')
    const last = parts.pop() ?? ''
    for (const part of parts) {
      yield [...pieces, part].join('').replace(/\r$/, '')
      pieces = []
      length = 0
    }
    pieces.push(last)
    length += last.length
    if (length > MAX_EVENT_LENGTH) throw new Error('An event of the proxy is too long.')
  }
}
