import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { canonicalRecord, genesis, type Link, linkHash, sha256 } from '@/lib/audit/chain'
import { uuidv7 } from '@/lib/db/uuid'
import { recordText } from '../record-text'
import type { LineKind } from '../spool-line'
import { takeLock } from '../spool-lock'
import { unknownOutcome } from '../spool-recovery'

/** As much of an earlier run's end as is read for its place in the chain and for calls that were never answered. */
const TAIL_BYTES = 4 * 1024 * 1024

interface Waiting {
  readonly kind: LineKind
  readonly text: string
  readonly digest: string | undefined
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * The record of a proxy that runs alone: decisions and outcomes as JSON lines, with the fields of the spool's records and
 * a place in a hash chain. What `append` resolved is on the disk; appends that wait while a sync runs share the next.
 */
export class RecordFile {
  #queue: Waiting[] = []
  #flushing: Promise<void> | null = null

  private constructor(
    private readonly handle: FileHandle,
    private readonly isSynced: boolean,
    private link: Link,
  ) {}

  /**
   * Opens the file, or makes it (0600). Where an earlier run was cut off, its torn last line goes, since it was never
   * acknowledged, and calls without an outcome get `unknown`.
   * @param isAlone false when another process writes to the file: then this one leaves its lines alone, and begins a
   *   chain of its own between them
   */
  static async open(
    file: string,
    isSynced: boolean,
    isAlone: boolean,
  ): Promise<{ record: RecordFile; unknown: number }> {
    const earlier = isAlone ? readEarlier(file) : { last: null, unanswered: [] }
    const handle = await open(file, 'a', 0o600)
    const record = new RecordFile(handle, isSynced, earlier.last ?? newChain())
    const appended = earlier.unanswered.map(({ id, time }) =>
      record.append('o', recordText(unknownOutcome(id, time, Date.now())).text),
    )
    await Promise.all(appended)
    return { record, unknown: appended.length }
  }

  /** Resolves when the line is durable. @throws Error when the disk fails: then nothing may be forwarded on it */
  append(kind: LineKind, text: string, _decision?: unknown, digest?: string): Promise<void> {
    const done = new Promise<void>((resolve, reject) => this.#queue.push({ kind, text, digest, resolve, reject }))
    this.#flushing ??= this.#flush()
    return done
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    await this.#flushing
    await this.handle.close()
  }

  async #flush(): Promise<void> {
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      try {
        // One write for each batch, at the end of the file, so that lines of two processes do not mix.
        await this.handle.appendFile(batch.map(waiting => this.#place(waiting)).join(''))
        if (this.isSynced) await this.handle.datasync()
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // Nobody knows what of it is on the disk: a new chain begins after it, on a line of its own.
        this.link = newChain()
        await this.handle.appendFile('\n').catch(() => undefined)
        for (const { reject } of batch) reject(error as Error)
      }
    }
    this.#flushing = null
  }

  #place({ kind, text, digest }: Waiting): string {
    const { chain } = this.link
    const sequence = this.link.sequence + 1
    const of = kind === 'o' ? 'outcome' : 'decision'
    const hash = linkHash(this.link.hash, sequence, of, digest ?? sha256(canonicalRecord(text)))
    this.link = { chain, sequence, hash }
    return `${text.slice(0, -1)},"chain":"${chain}","sequence":${sequence},"hash":"${hash}"}\n`
  }
}

/** Opens the record for this process, with or without others beside it, and tells what an earlier run left open. */
export async function openRecord(
  file: string,
  isSynced: boolean,
  say: (sentence: string) => void,
): Promise<OpenRecord> {
  const lock = takeLock(`${file}.lock`)
  const isAlone = 'release' in lock
  const { record, unknown } = await RecordFile.open(file, isSynced, isAlone)
  if (!isAlone) say(`process ${lock.heldBy} writes to ${file} too; its records and these are chains of their own.`)
  if (unknown > 0) say(`an earlier run ended in the middle of ${unknown} calls; their outcome is recorded as unknown.`)
  const close = async () => {
    await record.close()
    if (isAlone) lock.release()
  }
  return { append: record.append.bind(record), close }
}

export type OpenRecord = Pick<RecordFile, 'append' | 'close'>

function newChain(): Link {
  const chain = uuidv7()
  return { chain, sequence: 0, hash: genesis(chain) }
}

interface Earlier {
  readonly last: Link | null
  readonly unanswered: readonly { id: string; time: string }[]
}

/** What the end of the file says of an earlier run; a torn last line is cut off. */
function readEarlier(file: string): Earlier {
  const lines = readTail(file)
  const open = new Map<string, { id: string; time: string }>()
  let last: Link | null = null
  for (const line of lines) {
    const { id, time, effect, decision_id, chain, sequence, hash } = parseLine(line)
    if (typeof decision_id === 'string') open.delete(decision_id)
    else if (effect === 'allow' && typeof id === 'string' && typeof time === 'string') open.set(id, { id, time })
    const isPlaced = typeof chain === 'string' && typeof sequence === 'number' && typeof hash === 'string'
    last = isPlaced ? { chain, sequence, hash } : last
  }
  return { last, unanswered: [...open.values()] }
}

function readTail(file: string): string[] {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  try {
    const { size } = fstatSync(descriptor)
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(descriptor, tail, 0, tail.length, size - tail.length)
    const end = tail.lastIndexOf(10) + 1
    if (end < tail.length) ftruncateSync(descriptor, size - tail.length + end)
    const lines = tail.toString('utf8', 0, end).split('\n')
    // The first line of a part may be the end of one.
    return size > tail.length ? lines.slice(1) : lines
  } finally {
    closeSync(descriptor)
  }
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) ?? {}
  } catch {
    return {}
  }
}
