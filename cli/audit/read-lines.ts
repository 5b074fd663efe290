import { createReadStream } from 'node:fs'
import { BadInput } from '../policy/bad-input'

/** Lines of a file of any size, or of standard input for `-`, without their line breaks. @throws BadInput */
export async function* readLines(file: string): AsyncGenerator<string> {
  const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 })
  stream.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of stream) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    throw new BadInput(`${file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`)
  }
  if (rest !== '') yield rest
}
