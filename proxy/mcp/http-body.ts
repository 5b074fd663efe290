import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Gathering } from '../gathering'

export const MAX_BODY_BYTES = 4 * 1024 * 1024

export type Body =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'too_large' | 'not_utf8' | 'aborted' }

interface Whole {
  readonly chunks: readonly Buffer[]
  readonly resolve: (body: Body) => void
}

const whole = new Gathering<Whole>(({ chunks, resolve }) => {
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  // Bytes that are no text would be replaced, and what is judged would not be what was sent.
  resolve(isUtf8(bytes) ? { ok: true, text: bytes.toString() } : { ok: false, reason: 'not_utf8' })
})

/** Reads a whole body as text. Never rejects; the time that it may take is bounded by the server's `requestTimeout`. */
export function readBody(request: IncomingMessage): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
    return Promise.resolve({ ok: false, reason: 'too_large' })
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > MAX_BODY_BYTES) resolve({ ok: false, reason: 'too_large' })
      else chunks.push(chunk)
    })
    let isWhole = false
    request.on('end', () => {
      isWhole = true
      whole.add({ chunks, resolve })
    })
    const aborted = () => {
      if (!isWhole) resolve({ ok: false, reason: 'aborted' })
    }
    request.on('error', aborted)
    request.on('close', aborted)
  })
}
