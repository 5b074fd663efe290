import type { JsonArray } from '@/lib/audit/store'
import { kindOfLine, LF, type LineKind, SpoolLine, TEXT_OFFSET } from './spool-line'

/**
 * Lines where they stand in the memory that they were read into: of each its kind, and from where to where its text goes.
 * Nothing is made of a line before it is asked for: what a batch keeps while it is on its way to Postgres grows old, and V8
 * looks through the whole heap for it.
 */
export class SpoolLines implements Iterable<SpoolLine> {
  readonly #kinds: LineKind[] = []
  readonly #begins: number[] = []
  readonly #ends: number[] = []

  constructor(private readonly bytes: Buffer) {}

  /** Lines that were never spooled. @param texts JSON, each on one line */
  static of(kinds: readonly LineKind[], texts: readonly string[]): SpoolLines {
    const lines = new SpoolLines(Buffer.from(texts.join('')))
    let begin = 0
    for (const [i, text] of texts.entries()) {
      const end = begin + Buffer.byteLength(text)
      lines.add(kinds[i] as LineKind, begin, end)
      begin = end
    }
    return lines
  }

  get length(): number {
    return this.#kinds.length
  }

  add(kind: LineKind, begin: number, end: number): void {
    this.#kinds.push(kind)
    this.#begins.push(begin)
    this.#ends.push(end)
  }

  at(i: number): SpoolLine | undefined {
    const kind = this.#kinds[i]
    return kind && new SpoolLine(kind, this.bytes.subarray(this.#begins[i], this.#ends[i]))
  }

  /** The first line of one of these kinds. */
  first(kinds: string): SpoolLine | undefined {
    return this.at(this.#kinds.findIndex(kind => kinds.includes(kind)))
  }

  slice(from: number, to = this.length): SpoolLines {
    const part = new SpoolLines(this.bytes)
    for (let i = from; i < Math.min(to, this.length); i++)
      part.add(this.#kinds[i] as LineKind, this.#begins[i] as number, this.#ends[i] as number)
    return part
  }

  /** The texts of these kinds of lines, as one JSON array. */
  arrayOf(kinds: string): JsonArray {
    let length = 2
    let count = 0
    for (let i = 0; i < this.length; i++) {
      if (!kinds.includes(this.#kinds[i] as string)) continue
      length += (this.#ends[i] as number) - (this.#begins[i] as number) + (count > 0 ? 1 : 0)
      count += 1
    }
    const bytes = Buffer.allocUnsafe(length)
    let end = bytes.write('[')
    for (let i = 0; i < this.length; i++) {
      if (!kinds.includes(this.#kinds[i] as string)) continue
      if (end > 1) end += bytes.write(',', end)
      end += this.bytes.copy(bytes, end, this.#begins[i], this.#ends[i])
    }
    bytes.write(']', end)
    return { bytes, count }
  }

  *[Symbol.iterator](): Iterator<SpoolLine> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as SpoolLine
  }
}

export interface Decoded {
  readonly lines: SpoolLines
  /** Bytes read, up to the last whole line. */
  readonly consumed: number
  /** Lines whose length or checksum is wrong: skipped, up to the next line break. */
  readonly damaged: number
}

/** Finds whole lines in `bytes`, at most `limit`; an unfinished line at the end is left for later. */
export function decodeLines(bytes: Buffer, limit: number): Decoded {
  const lines = new SpoolLines(bytes)
  let at = 0
  let damaged = 0
  while (at < bytes.length && lines.length < limit) {
    const end = bytes.indexOf(LF, at)
    if (end < 0) break
    const kind = kindOfLine(bytes, at, end)
    if (kind) lines.add(kind, at + TEXT_OFFSET, end)
    else damaged += 1
    at = end + 1
  }
  return { lines, consumed: at, damaged }
}
