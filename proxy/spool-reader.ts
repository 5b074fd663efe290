import { closeSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Spool } from './spool'
import { decodeLines, type SpoolLines } from './spool-lines'
import type { Segment } from './spool-segment'

/** At most this much is read at once; longer lines grow the buffer. */
const CHUNK_BYTES = 1024 * 1024

export interface Batch {
  readonly lines: SpoolLines
  readonly damaged: number
  readonly segment: Segment
  /** Where the next batch begins. */
  readonly end: number
}

/** Walks the spool's segments by offset, oldest first, and keeps its place in a file beside them. */
export class SpoolReader {
  readonly #spool: Spool
  readonly #cursorFile: string
  #segment = 0
  #offset = 0
  #open: { number: number; descriptor: number } | null = null
  /** What is read, again and again: a new one for each batch would be a megabyte of garbage. */
  #room = Buffer.allocUnsafe(CHUNK_BYTES)

  constructor(spool: Spool, directory: string) {
    this.#spool = spool
    this.#cursorFile = path.join(directory, 'cursor')
    try {
      const [segment, offset] = readFileSync(this.#cursorFile, 'utf8').split(' ').map(Number)
      if (Number.isInteger(segment) && Number.isInteger(offset))
        [this.#segment, this.#offset] = [segment ?? 0, offset ?? 0]
    } catch {
      // No place kept: everything is read again, which the record takes without change.
    }
  }

  /** Bytes that are durable and not yet passed. */
  get pendingBytes(): number {
    let bytes = 0
    for (const { number, durableBytes } of this.#spool.segments) {
      if (number > this.#segment) bytes += durableBytes
      else if (number === this.#segment) bytes += durableBytes - this.#offset
    }
    return bytes
  }

  /** The next lines, at most `limit`, until the next are read; null when all that is durable was passed. */
  next(limit: number): Batch | null {
    const segment = this.#spool.segments.find(({ number }) => number >= this.#segment)
    if (!segment) return null
    if (segment.number !== this.#segment) [this.#segment, this.#offset] = [segment.number, 0]
    const bytes = this.#read(segment)
    if (bytes.length === 0 && !segment.isSealed) return null
    const { lines, consumed, damaged } = decodeLines(bytes, limit)
    // In a sealed segment what is left without a line break is a torn tail.
    const isTorn = consumed === 0 && segment.isSealed
    return {
      lines,
      damaged: damaged + (isTorn && bytes.length > 0 ? 1 : 0),
      segment,
      end: isTorn ? segment.durableBytes : this.#offset + consumed,
    }
  }

  /** Whether the batch was the last of a segment that takes no more. */
  isEnd({ segment, end }: Batch): boolean {
    return segment.isSealed && end >= segment.durableBytes
  }

  /** Moves behind the batch. */
  pass(batch: Batch): void {
    this.#offset = batch.end
    if (!this.isEnd(batch)) return
    this.#segment = batch.segment.number + 1
    this.#offset = 0
    this.#closeFile()
  }

  /** Keeps the place. Losing it costs a second reading and nothing else, so it is not synced. */
  save(): void {
    const draft = `${this.#cursorFile}.new`
    writeFileSync(draft, `${this.#segment} ${this.#offset}`, { mode: 0o600 })
    renameSync(draft, this.#cursorFile)
  }

  close(): void {
    try {
      this.save()
    } catch {
      // A full disk: what was passed is read again.
    }
    this.#closeFile()
  }

  #read(segment: Segment): Buffer {
    if (this.#open?.number !== segment.number) {
      this.#closeFile()
      this.#open = { number: segment.number, descriptor: openSync(segment.file, 'r') }
    }
    const available = segment.durableBytes - this.#offset
    for (let size = CHUNK_BYTES; ; size *= 2) {
      if (size > this.#room.length) this.#room = Buffer.allocUnsafe(size)
      const wanted = Math.min(size, available)
      const read = readSync(this.#open.descriptor, this.#room, 0, wanted, this.#offset)
      const chunk = this.#room.subarray(0, read)
      if (size >= available || read < wanted || chunk.includes(10)) return chunk
    }
  }

  #closeFile(): void {
    if (this.#open) closeSync(this.#open.descriptor)
    this.#open = null
  }
}
