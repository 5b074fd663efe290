import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const sync = promisify(fdatasync)

/** One append-only file of the spool. */
export interface Segment {
  readonly number: number
  readonly file: string
  /** Bytes that are durable; a reader goes no further. */
  durableBytes: number
  /** Nothing is appended any more. */
  isSealed: boolean
}

export function segmentFile(directory: string, number: number): string {
  return path.join(directory, `${String(number).padStart(12, '0')}.log`)
}

/** Numbers of the segments among a folder's files, in order. */
export function segmentNumbers(files: readonly string[]): number[] {
  return files.flatMap(name => (/^\d{12}\.log$/.test(name) ? [Number(name.slice(0, 12))] : [])).sort((a, b) => a - b)
}

/** Room is made ahead in steps of this, at most. */
const AHEAD_BYTES = 1024 * 1024
const zeros = Buffer.alloc(AHEAD_BYTES)

/** Writes to the newest segment. After any failure it takes no more: what a failed sync left behind is never trusted. */
export class SegmentWriter {
  readonly segment: Segment
  readonly #descriptor: number
  readonly #isSynced: boolean
  /** Most that is made ahead; 0 where nothing is, or the disk had no room for it. */
  #aheadBytes: number
  /** As far as the file goes. */
  #madeBytes = 0

  /**
   * Makes the file, 0600.
   * @param segmentBytes about what it will take
   * @throws when the folder takes no file
   */
  constructor(directory: string, number: number, isSynced: boolean, segmentBytes: number) {
    this.segment = { number, file: segmentFile(directory, number), durableBytes: 0, isSealed: false }
    this.#descriptor = openSync(this.segment.file, 'wx', 0o600)
    this.#isSynced = isSynced
    this.#aheadBytes = isSynced ? Math.min(AHEAD_BYTES, segmentBytes) : 0
    if (isSynced) syncFolder(directory)
  }

  /** Resolves when the bytes are durable. @throws when they may not be; the segment then ends where it was durable */
  async write(bytes: Buffer): Promise<void> {
    try {
      const { durableBytes } = this.segment
      if (this.#aheadBytes > 0 && durableBytes + bytes.length > this.#madeBytes) await this.#makeAhead()
      let written = 0
      // A full disk may take a part; the rest then throws.
      while (written < bytes.length)
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, durableBytes + written)
      if (this.#isSynced) await sync(this.#descriptor)
      this.segment.durableBytes += bytes.length
    } catch (error) {
      this.#abandon()
      throw error
    }
  }

  seal(): void {
    this.segment.isSealed = true
    if (this.#madeBytes > this.segment.durableBytes) this.#cut()
    closeSync(this.#descriptor)
  }

  /**
   * Fills the next stretch with zeros, which no line holds. A sync of what is written over them has no new length of the file
   * to put down and so takes half the time, its slowest ones a tenth. Where there is no room, lines lengthen the file.
   * @throws when it cannot be synced, as of any sync
   */
  async #makeAhead(): Promise<void> {
    const { durableBytes } = this.segment
    const end = durableBytes + this.#aheadBytes
    try {
      for (let at = durableBytes; at < end; ) at += writeSync(this.#descriptor, zeros, 0, end - at, at)
    } catch {
      this.#aheadBytes = 0
      this.#cut()
      return
    }
    await sync(this.#descriptor)
    this.#madeBytes = end
  }

  /** The file ends where it is durable. */
  #cut(): void {
    try {
      ftruncateSync(this.#descriptor, this.segment.durableBytes)
      this.#madeBytes = this.segment.durableBytes
    } catch {
      // The tail stays: zeros, which a restart takes off, or lines that were refused, which it calls unknown.
    }
  }

  #abandon(): void {
    this.#cut()
    this.seal()
    if (this.segment.durableBytes === 0) rmSync(this.segment.file, { force: true })
  }
}

/**
 * Takes off the zeros at the end of a segment that was made ahead and cut short by a crash.
 * @returns the bytes that are left
 */
export function trimSegment(file: string): number {
  const descriptor = openSync(file, 'r+')
  try {
    const { size } = fstatSync(descriptor)
    const chunk = Buffer.alloc(64 * 1024)
    let end = size
    while (end > 0) {
      const from = Math.max(0, end - chunk.length)
      const read = readSync(descriptor, chunk, 0, end - from, from)
      const last = chunk.subarray(0, read).findLastIndex(byte => byte !== 0)
      end = from + last + 1
      if (last >= 0) break
    }
    if (end < size) ftruncateSync(descriptor, end)
    return end
  } finally {
    closeSync(descriptor)
  }
}

/** A new file's name is durable only when its folder is synced too. */
function syncFolder(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
