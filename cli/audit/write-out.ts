import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { BadInput } from '../policy/bad-input'

const CHUNK_CHARACTERS = 64 * 1024

/** Writes lines as fast as the other side takes them; a reader that goes away, say `head`, ends it quietly. */
export async function writeOut(lines: AsyncIterable<string>, output: Writable = process.stdout): Promise<void> {
  let failure: Error | null = null
  let goOn: () => void = () => undefined
  const onError = (error: Error) => {
    failure = error
    goOn()
  }
  const onDrain = () => goOn()
  output.on('error', onError).on('drain', onDrain)
  let text = ''
  const flush = async () => {
    const drained = new Promise<void>(resolve => {
      goOn = resolve
    })
    if (!output.write(text) && !failure) await drained
    text = ''
  }
  try {
    for await (const line of lines) {
      text += line
      if (text.length >= CHUNK_CHARACTERS) await flush()
      if (failure) break
    }
    if (!failure && text !== '') await flush()
  } finally {
    output.off('error', onError).off('drain', onDrain)
  }
  if (failure && (failure as NodeJS.ErrnoException).code !== 'EPIPE') throw failure
}

/** Writes lines to a new file that only its owner may read. @throws BadInput when there is one already */
export async function writeFileOut(lines: AsyncIterable<string>, file: string): Promise<void> {
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  try {
    await once(output, 'open')
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    throw new BadInput(`${file} cannot be written: ${code === 'EEXIST' ? 'it is there already' : code}.`)
  }
  await writeOut(lines, output)
  output.end()
  await once(output, 'close')
}
