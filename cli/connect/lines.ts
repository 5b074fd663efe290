const LF = 10
/** The proxy takes bodies of 4 MiB; more than this is no message, and is not gathered. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

/**
 * The lines of standard input. Only LF ends one: a message may hold U+2028, which `node:readline` would cut at.
 * @throws Error when a line is longer than 16 MiB
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pieces: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const line = Buffer.concat([...pieces, chunk.subarray(start, end)]).toString()
      pieces = []
      length = 0
      start = end + 1
      if (line.trim() !== '') yield line
    }
    pieces.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > MAX_LINE_BYTES) throw new Error(`A message has more than ${MAX_LINE_BYTES} bytes.`)
  }
  const rest = Buffer.concat(pieces).toString()
  if (rest.trim() !== '') yield rest
}
