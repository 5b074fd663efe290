const LF = 10

/** Cuts a stream of bytes into lines; a line longer than the bound ends the stream. */
export class LineSplitter {
  #parts: Buffer[] = []
  #length = 0

  /** @param maxBytes longest line that is taken */
  constructor(
    private readonly maxBytes: number,
    private readonly onLine: (line: string) => void,
    private readonly onTooLong: () => void,
  ) {}

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const tail = chunk.subarray(start, end)
      start = end + 1
      const line = this.#parts.length === 0 ? tail : Buffer.concat([...this.#parts, tail])
      this.#parts = []
      this.#length = 0
      this.onLine(line.toString())
    }
    if (start === chunk.length) return
    this.#parts.push(chunk.subarray(start))
    this.#length += chunk.length - start
    if (this.#length > this.maxBytes) {
      this.#parts = []
      this.onTooLong()
    }
  }
}
