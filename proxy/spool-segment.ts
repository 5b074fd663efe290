import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
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

/** Writes to the newest segment. After any failure it takes no more: what a failed sync left behind is never trusted. */
export class SegmentWriter {
  readonly segment: Segment
  readonly #descriptor: number
  readonly #isSynced: boolean

  /** Makes the file, 0600. @throws when the folder takes no file */
  constructor(directory: string, number: number, isSynced: boolean) {
    this.segment = { number, file: segmentFile(directory, number), durableBytes: 0, isSealed: false }
    this.#descriptor = openSync(this.segment.file, 'ax', 0o600)
    this.#isSynced = isSynced
    if (isSynced) syncFolder(directory)
  }

  /** Resolves when the bytes are durable. @throws when they may not be; the segment then ends where it was durable */
  async write(bytes: Buffer): Promise<void> {
    try {
      let written = 0
      // A full disk may take a part; the rest then throws.
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written)
      if (this.#isSynced) await sync(this.#descriptor)
      this.segment.durableBytes += bytes.length
    } catch (error) {
      this.#abandon()
      throw error
    }
  }

  seal(): void {
    this.segment.isSealed = true
    closeSync(this.#descriptor)
  }

  #abandon(): void {
    try {
      ftruncateSync(this.#descriptor, this.segment.durableBytes)
    } catch {
      // The tail stays; its records were refused, and a restart calls them unknown.
    }
    this.seal()
    if (this.segment.durableBytes === 0) rmSync(this.segment.file, { force: true })
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
