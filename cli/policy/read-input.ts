import { createReadStream } from 'node:fs'
import { BadInput } from './bad-input'

/** Larger inputs are refused before they are read whole. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024

/** The text of a file, or of standard input for `-`. Refuses what is too large or not UTF-8. */
export async function readInput(file: string, maxBytes = MAX_INPUT_BYTES): Promise<string> {
  const bytes = await readBytes(file, maxBytes)
  if (bytes.length >= maxBytes) throw new BadInput(`${file} is larger than ${maxBytes} bytes.`)
  const text = decodeText(bytes)
  if (text === null) throw new BadInput(`${file} is not UTF-8 text. Save it as UTF-8.`)
  return text
}

/** The bytes as text, or null when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** At most the first `maxBytes` of a file, or of standard input for `-`. */
export async function readBytes(file: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
      chunks.push(bytes)
      length += bytes.length
      if (length >= maxBytes) break
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new BadInput(`${file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`)
  }
  return Buffer.concat(chunks).subarray(0, maxBytes)
}
