import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { SinkEvent } from '../event'
import type { Settings } from '../model'
import type { Around, OpenSink } from './open-sink'

const PREFIX = 'records-'
const NAME = /^records-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z)\.ndjson$/

interface Current {
  readonly handle: FileHandle
  readonly openedMs: number
  size: number
}

/**
 * NDJSON files in a folder of the sink's own, named by when they were begun; readable by their owner alone. A batch counts
 * once it is synced. A new file is begun when one is full or old, and the oldest go when only some are to stay.
 */
export class FileSink implements OpenSink {
  readonly batch = { records: 2_000, bytes: 8 * 1024 * 1024, lingerMs: 0 }
  readonly #folder: string
  #current: Current | null = null

  constructor(
    private readonly settings: Settings<'file'>,
    { filesFolder, name }: Around,
  ) {
    this.#folder = path.join(filesFolder, name)
  }

  async send(events: readonly SinkEvent[]): Promise<undefined> {
    const body = Buffer.from(events.map(event => `${event.text}\n`).join(''))
    const current = await this.#fileFor(body.length)
    try {
      await writeAll(current.handle, body, current.size)
      await current.handle.datasync()
      current.size += body.length
    } catch (error) {
      // What may stand there in half is cut off when the file is opened again.
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    const { handle } = this.#current ?? {}
    this.#current = null
    await handle?.close()
  }

  async #fileFor(bytes: number): Promise<Current> {
    const { mostMegabytes, mostHours } = this.settings
    this.#current ??= await this.#openNewest()
    const current = this.#current
    const isFull = current !== null && current.size > 0 && current.size + bytes > mostMegabytes * 1024 * 1024
    const isOld = current !== null && Date.now() - current.openedMs > mostHours * 3_600_000
    if (current && !isFull && !isOld) return current
    await this.close()
    this.#current = await this.#begin(current?.openedMs ?? 0)
    await this.#dropOldest()
    return this.#current
  }

  /** Goes on with the last file, after what a cut left of a line there. */
  async #openNewest(): Promise<Current | null> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const newest = (await this.#files()).at(-1)
    if (!newest) return null
    const handle = await open(path.join(this.#folder, newest), 'r+')
    const { size } = await handle.stat()
    const whole = await endOfLastLine(handle, size)
    if (whole < size) await handle.truncate(whole)
    return { handle, openedMs: timeOf(newest), size: whole }
  }

  async #begin(previousMs: number): Promise<Current> {
    // Names sort by time, also when two are begun in one millisecond or the clock went back.
    const openedMs = Math.max(Date.now(), previousMs + 1)
    const name = `${PREFIX}${new Date(openedMs).toISOString().replace(/[:.]/g, '-')}.ndjson`
    const handle = await open(path.join(this.#folder, name), 'wx', 0o600)
    await syncFolder(this.#folder)
    return { handle, openedMs, size: 0 }
  }

  async #dropOldest(): Promise<void> {
    const { keep } = this.settings
    if (keep === 0) return
    const full = (await this.#files()).slice(0, -1)
    for (const name of full.slice(0, Math.max(0, full.length - keep))) await rm(path.join(this.#folder, name))
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.#folder)).filter(name => NAME.test(name)).sort()
  }
}

function timeOf(name: string): number {
  const [, stamp = ''] = NAME.exec(name) ?? []
  return Date.parse(stamp.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/, 'T$1:$2:$3.$4Z'))
}

async function writeAll(handle: FileHandle, body: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < body.length) done += (await handle.write(body, done, body.length - done, position + done)).bytesWritten
}

const LOOK_BACK = 64 * 1024

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; end = Math.max(0, end - LOOK_BACK)) {
    const from = Math.max(0, end - LOOK_BACK)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - from), 0, end - from, from)
    const at = buffer.subarray(0, bytesRead).lastIndexOf(10)
    if (at >= 0) return from + at + 1
  }
  return 0
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
