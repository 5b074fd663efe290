import type { OutcomeKind } from '@/lib/audit/model'
import { beginChain, type JsonArray, recordCallsIn } from '@/lib/audit/store'
import type { Sql } from '@/lib/db/sql'
import { Chain, placeOf } from './chain'
import { GroupCommit } from './group-commit'
import type { Log } from './log'
import { recordText } from './record-text'
import type { LineKind } from './spool-line'
import { SpoolLines } from './spool-lines'
import { unknownOutcome } from './spool-recovery'
import { takeLines } from './take-lines'

export interface DatabaseRecordOptions {
  /** The proxy's name. One process writes the record of a proxy: the one that began last. */
  readonly proxy: string
  /** Its wait is a call's wait. */
  readonly sql: Sql
  /** A folder that keeps what Postgres refused, too. */
  readonly directory: string
  readonly log: Log
}

interface Waiting {
  readonly kind: LineKind
  readonly text: string
  readonly id: string
  readonly digest: string | undefined
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The chain was ended by another process that has this proxy's name. */
const ENDED = '55000'

/**
 * The record of a machine without a durable disk (AUDIT_DURABILITY=database): what `append` resolved is committed in
 * Postgres, and while Postgres is away nothing resolves. What waits while a batch is committed goes together in the next.
 * A batch whose fate is unknown ends the chain; where the next one begins, Postgres says which calls have no outcome.
 */
export class DatabaseRecord {
  readonly chain = new Chain(null)
  readonly counts = { quarantined: 0 }
  readonly #options: DatabaseRecordOptions
  readonly #lines = new GroupCommit<Waiting>(batch => this.#take(batch))
  #isBegun = false
  #ended: Error | null = null
  /** Calls under way, oldest first, with their place in the chain; 0 for those of an earlier chain. */
  readonly #open = new Map<string, number>()
  /** Refused because nobody knows whether they were recorded. */
  readonly #refused = new Set<string>()

  constructor(options: DatabaseRecordOptions) {
    this.#options = options
  }

  /** Begins the chain, and gives calls of an earlier run that were cut off their outcome. Without Postgres, later. */
  start(): void {
    void this.#lines.start()
  }

  /** Resolves when the line is committed. @throws Error when it may not be: then nothing may be forwarded on it */
  append(kind: LineKind, text: string, { id }: { id: string }, digest?: string): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => this.#lines.add({ kind, text, id, digest, resolve, reject }))
  }

  /** Commits what waits. Never rejects: who appended is told. */
  flush(): Promise<void> {
    return this.#lines.flush()
  }

  async #take(batch: readonly Waiting[]): Promise<void> {
    try {
      if (this.#ended) throw this.#ended
      if (!this.#isBegun) await this.#begin()
      if (batch.length > 0) await this.#commit(batch)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      this.#fail(error as Error, batch)
    }
  }

  async #begin(): Promise<void> {
    const { sql, proxy, log } = this.#options
    const left = await beginChain(sql, proxy, this.chain.head.chain)
    this.#isBegun = true
    for (const id of this.#open.keys()) this.#open.set(id, 0)
    const cut = left.filter(({ id }) => !this.#open.has(id))
    for (const { id, time } of cut) this.#close(id, time.toISOString(), this.#refused.has(id) ? 'not_sent' : 'unknown')
    this.#refused.clear()
    if (cut.length > 0) log.warn({ calls: cut.length }, 'calls that were cut off are recorded as such')
  }

  /** If this fails, the next begin tells of the same call again. */
  #close(id: string, time: string, kind: OutcomeKind): void {
    const unknown = unknownOutcome(id, time, Date.now())
    const refused = {
      ...unknown,
      kind,
      error: 'Postgres did not confirm the record in time, so the call was not made.',
    }
    const { text } = recordText(kind === 'unknown' ? unknown : refused)
    const ignore = () => undefined
    this.#lines.add({ kind: 'o', text, id, digest: undefined, resolve: ignore, reject: ignore }, true)
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { sql, directory, log } = this.#options
    const { chain } = this.chain.head
    const texts = batch.map(({ kind, text, digest }) => this.chain.place(kind, text, digest))
    const kinds = batch.map(({ kind }) => kind)
    const lines = SpoolLines.of(kinds, texts)
    const places = texts.map(text => placeOf({ text })?.sequence ?? 0)
    for (const { kind, id } of batch) if (kind === 'a') this.#refused.add(id)
    const answered = this.#answeredWith(batch, places)
    const whole = batch.filter(({ kind }) => kind !== 'c').length
    const record = (decisions: JsonArray, outcomes: JsonArray) => {
      // A part of the batch says nothing of calls in the rest.
      const isWhole = decisions.count + outcomes.count === whole
      return recordCallsIn(sql, { chain, answered: isWhole ? answered : 0 }, decisions, outcomes)
    }
    this.counts.quarantined += await takeLines({ sql, record, directory, log }, lines)
    for (const [i, { kind, id }] of batch.entries()) {
      if (kind === 'a') this.#open.set(id, places[i] ?? 0)
      else if (kind === 'o') this.#open.delete(id)
      this.#refused.delete(id)
    }
    this.chain.commit()
  }

  /** The place up to which each call of this chain has its outcome once the batch is in. */
  #answeredWith(batch: readonly Waiting[], places: readonly number[]): number {
    const closed = new Set(batch.flatMap(({ kind, id }) => (kind === 'o' ? [id] : [])))
    for (const [id, place] of this.#open) if (place > 0 && !closed.has(id)) return place - 1
    const first = batch.findIndex(({ kind, id }) => kind === 'a' && !closed.has(id))
    return first < 0 ? Math.max(this.chain.head.sequence, ...places) : (places[first] ?? 1) - 1
  }

  #fail(error: Error, batch: readonly Waiting[]): void {
    this.#isBegun = false
    this.chain.abandon()
    if ((error as { code?: unknown }).code === ENDED && !this.#ended) {
      this.#ended = new Error('Another process writes the record of this proxy.')
      this.#options.log.error(
        { error },
        'two proxies have one PROXY_NAME: this one refuses all calls until it is restarted',
      )
    }
    for (const { reject } of batch) reject(error)
  }
}
