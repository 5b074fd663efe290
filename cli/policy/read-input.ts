import { open } from 'node:fs/promises'
import { BadInput } from './bad-input'

/** Larger inputs are refused before they are read whole. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024

/** The text of a file, or of standard input for `-`. Refuses what is not UTF-8. */
export async function readInput(file: string, maxBytes = MAX_INPUT_BYTES): Promise<string> {
  const bytes = file === '-' ? await collect(process.stdin, maxBytes, 'Standard input') : await readFile(file, maxBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new BadInput(`${file} is not UTF-8 text. Save it as UTF-8.`)
  }
}

async function readFile(file: string, maxBytes: number): Promise<Buffer> {
  try {
    const handle = await open(file)
    return await collect(handle.createReadStream(), maxBytes, file)
  } catch (error) {
    if (error instanceof BadInput) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const reason = code === 'ENOENT' ? 'there is no such file' : code
    throw new BadInput(`${file} cannot be read: ${reason}.`)
  }
}

async function collect(stream: AsyncIterable<unknown>, maxBytes: number, name: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    length += bytes.length
    if (length > maxBytes) throw new BadInput(`${name} is larger than ${maxBytes} bytes.`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
