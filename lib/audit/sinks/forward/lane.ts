import { maskSecrets } from '@/lib/audit/secret-shapes'
import type { Sql } from '@/lib/db/sql'
import { eventOf, type SinkEvent, testEvent } from '../event'
import { type OpenSink, SinkError } from '../kinds/open-sink'
import type { Cursor } from '../model'
import { readSlab, type Slab } from '../read-links'
import {
  boundCursor,
  type ForwardedSink,
  type Progress,
  readCursor,
  saveFailure,
  saveProgress,
  saveTest,
} from '../store'
import type { Heads } from './heads'
import { partsOf } from './parts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000
const LOOK_EVERY_MS = 1_000
/** Longest that one chain is read on while others wait. */
const TURN_MS = 2_000
/** How long a number may be absent before it counts as gone: it may be in a transaction that is not committed yet. */
const ABSENT_MS = 30_000
/** Retention drops whole days: behind a hole that is older nothing will come any more. */
const DAY_MS = 86_400_000
const MOST_ERROR_LENGTH = 500

/** What happens to a sink, for logs and metrics. */
export interface LaneEvents {
  sent(sink: string, records: number): void
  failed(sink: string, message: string): void
  missed(sink: string, records: number): void
  /** Postgres did not do what was asked; the lane goes on by itself. */
  broke(sink: string, error: Error): void
}

export interface LaneParts {
  readonly sql: Sql
  readonly heads: Heads
  readonly events: LaneEvents
  /** Opens the receiver anew; called after each failure. */
  open(): Promise<OpenSink>
  readonly absentMs?: number | undefined
}

/**
 * Sends the records of every chain to one sink, each chain in its order, and knows no other sink. A chain's cursor moves
 * only once the receiver has confirmed, so that a cut anywhere sends a batch twice and none not at all.
 */
export class Lane {
  #cursor: Cursor = {}
  #open: OpenSink | null = null
  #most = Number.POSITIVE_INFINITY
  #test: string | null = null
  #tried: string | null = null
  readonly #stopping = new AbortController()
  readonly #pendingSince = new Map<string, number>()
  readonly #absentSince = new Map<string, number>()
  #wake: () => void = () => undefined

  constructor(
    readonly sink: ForwardedSink,
    private readonly parts: LaneParts,
  ) {}

  get cursor(): Cursor {
    return this.#cursor
  }

  /** Sends one marked event before whatever else is due. */
  test(id: string): void {
    if (id === this.#tried) return
    this.#test = id
    this.#wake()
  }

  stop(): void {
    this.#stopping.abort()
    this.#wake()
  }

  /** Until it is stopped. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    let isRead = false
    while (!signal.aborted) {
      try {
        if (!isRead) await this.#readCursor()
        isRead = true
        await this.#answerTest()
        const worked = await this.#round()
        if (worked) failures = 0
        else await this.#pause(LOOK_EVERY_MS, true)
      } catch (error) {
        if (signal.aborted) break
        failures += 1
        await this.#failed(error)
        await this.#pause(pauseAfter(failures, error), false)
      }
    }
    await this.#close()
  }

  async #readCursor(): Promise<void> {
    const { sql, heads } = this.parts
    const stored = await readCursor(sql, this.sink.id)
    this.#cursor = await boundCursor(sql, this.sink.id, stored, heads.current)
  }

  /** One turn for each chain. @returns whether there was anything to do */
  async #round(): Promise<boolean> {
    let worked = false
    for (const [chain, head] of this.parts.heads.current) {
      if (this.#stopping.signal.aborted || this.#test) return worked
      const after = this.#cursor[chain] ?? 0
      if (head > after && (await this.#isDue(chain, head - after))) worked = (await this.#turn(chain, head)) || worked
    }
    return worked
  }

  /** Whether enough of a chain waits, or has waited for long enough. */
  async #isDue(chain: string, waiting: number): Promise<boolean> {
    const { lingerMs, records } = (await this.#opened()).batch
    if (lingerMs === 0 || waiting >= records) return true
    const since = this.#pendingSince.get(chain) ?? Date.now()
    this.#pendingSince.set(chain, since)
    return Date.now() - since >= lingerMs
  }

  async #turn(chain: string, head: number): Promise<boolean> {
    const until = Date.now() + TURN_MS
    let coming = this.#read(chain, this.#cursor[chain] ?? 0)
    for (;;) {
      const slab = await coming
      const after = this.#cursor[chain] ?? 0
      if (slab.upTo === after) return this.#passHole(chain, after, slab)
      const isLast = slab.upTo >= head || Date.now() > until || this.#stopping.signal.aborted
      // Postgres reads the next ones while the receiver takes these.
      coming = isLast ? coming : this.#read(chain, slab.upTo)
      coming.catch(() => undefined)
      await this.#sendSlab(chain, slab)
      this.#pendingSince.delete(chain)
      this.#absentSince.delete(chain)
      if (isLast || this.#test) return true
    }
  }

  async #read(chain: string, after: number): Promise<Slab> {
    const { records } = (await this.#opened()).batch
    return readSlab(this.parts.sql, chain, after, Math.min(records, this.#most), this.sink)
  }

  async #sendSlab(chain: string, { links, upTo }: Slab): Promise<void> {
    const { bytes } = (await this.#opened()).batch
    const events = links.map(link => eventOf(chain, link, this.sink.withArguments))
    for (const part of partsOf(events, bytes)) {
      const note = await this.#send(part)
      await this.#save({
        chain,
        upTo: part.at(-1)?.sequence ?? upTo,
        sent: part.length,
        missing: 0,
        note: note ?? null,
      })
    }
    // What nobody wants is passed too.
    if ((this.#cursor[chain] ?? 0) < upTo) await this.#save({ chain, upTo, sent: 0, missing: 0, note: null })
  }

  /** Halves what is too large, and sends a single record that is without its contents. */
  async #send(part: readonly SinkEvent[]): Promise<string | undefined> {
    const sink = await this.#opened()
    try {
      const note = await sink.send(part, this.#stopping.signal)
      this.parts.events.sent(this.sink.name, part.length)
      this.#most = Math.max(2, Math.min(this.#most * 2, sink.batch.records))
      return note
    } catch (error) {
      if (!(error instanceof SinkError && error.isTooLarge)) throw error
      const [only] = part
      if (part.length > 1 || !only) {
        this.#most = Math.max(1, Math.floor(part.length / 2))
        const half = Math.ceil(part.length / 2)
        const first = await this.#send(part.slice(0, half))
        return (await this.#send(part.slice(half))) ?? first
      }
      if (only.text === only.bare) throw error
      await this.#send([{ ...only, text: only.bare, record: null }])
      return `The record ${only.id} was too large for the receiver: it was sent without its contents.`
    }
  }

  /** Goes on behind records that are gone, and counts them; ones that may still come are waited for. */
  async #passHole(chain: string, after: number, { hole }: Slab): Promise<boolean> {
    if (hole === null) return false
    const now = Date.now()
    const since = this.#absentSince.get(chain) ?? now
    this.#absentSince.set(chain, since)
    const isGone = now - since >= (this.parts.absentMs ?? ABSENT_MS) || now - hole.time.getTime() > DAY_MS
    if (!isGone) return false
    const missing = hole.next - after - 1
    this.#absentSince.delete(chain)
    this.parts.events.missed(this.sink.name, missing)
    const note = `${missing} records of chain ${chain}, numbers ${after + 1} to ${hole.next - 1}, were gone before they were sent: retention dropped them.`
    await this.#save({ chain, upTo: hole.next - 1, sent: 0, missing, note })
    return true
  }

  async #save(progress: Progress): Promise<void> {
    await saveProgress(this.parts.sql, this.sink.id, progress)
    this.#cursor = { ...this.#cursor, [progress.chain]: progress.upTo }
  }

  async #answerTest(): Promise<void> {
    const id = this.#test
    if (id === null) return
    this.#tried = id
    this.#test = null
    const error = await (await this.#opened())
      .send([testEvent(id, this.sink.name, new Date())], this.#stopping.signal)
      .then(
        () => null,
        (reason: unknown) => messageOf(reason),
      )
    await saveTest(this.parts.sql, this.sink.id, id, error)
    if (error !== null) await this.#close()
  }

  async #failed(error: unknown): Promise<void> {
    await this.#close()
    const isOurs = !(error instanceof SinkError) && isDatabaseError(error)
    if (isOurs) return this.parts.events.broke(this.sink.name, error as Error)
    const message = messageOf(error)
    this.parts.events.failed(this.sink.name, message)
    await saveFailure(this.parts.sql, this.sink.id, message).catch(reason =>
      this.parts.events.broke(this.sink.name, reason),
    )
  }

  async #opened(): Promise<OpenSink> {
    this.#open ??= await this.parts.open()
    return this.#open
  }

  async #close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.close().catch(() => undefined)
  }

  /** @param untilRecords whether a new record ends it; a receiver that failed is left alone for the whole time */
  #pause(ms: number, untilRecords: boolean): Promise<void> {
    if (this.#test) return Promise.resolve()
    const over = new AbortController()
    this.#wake = () => over.abort()
    if (this.#stopping.signal.aborted) over.abort()
    if (untilRecords) return this.parts.heads.next(ms, over.signal)
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      over.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

/** Doubles with each failure, up to a minute, and scattered, so that many do not come back at once. */
function pauseAfter(failures: number, error: unknown): number {
  const own = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20)) * (0.75 + Math.random() / 2)
  return error instanceof SinkError ? Math.max(own, error.retryAfterMs ?? 0) : own
}

/** What node-postgres says, from Postgres or of its own. */
function isDatabaseError(error: unknown): boolean {
  return (
    error instanceof Error &&
    ('severity' in error || /^(Connection terminated|timeout exceeded|Cannot use a pool)/.test(error.message))
  )
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  // A receiver may repeat what it was sent.
  return maskSecrets(message).slice(0, MOST_ERROR_LENGTH)
}
