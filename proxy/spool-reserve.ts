import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

const BYTES = 256 * 1024

/**
 * Room kept on the spool's own disk. Giving a shipped segment back writes a little first, so a disk that is full to its
 * last byte could never be emptied without it.
 */
export class SpoolReserve {
  readonly #file: string
  #isHeld = false

  constructor(directory: string) {
    this.#file = path.join(directory, 'reserve')
    this.hold()
  }

  /** Takes the room, unless it is taken. A disk that has none now is asked again the next time. */
  hold(): void {
    if (this.#isHeld) return
    try {
      const descriptor = openSync(this.#file, 'w', 0o600)
      try {
        // Not zeroes: some file systems keep none for those.
        if (writeSync(descriptor, Buffer.alloc(BYTES, 0xa5)) < BYTES) throw new Error('the disk took a part of it')
        fsyncSync(descriptor)
        this.#isHeld = true
      } finally {
        closeSync(descriptor)
      }
    } catch {
      this.give()
    }
  }

  /** Leaves the room to what must be written now. */
  give(): void {
    this.#isHeld = false
    rmSync(this.#file, { force: true })
  }
}
