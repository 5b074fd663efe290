import type { PoolClient } from 'pg'
import { database } from '@/lib/db/current'
import { type Sql, sqlOver } from '@/lib/db/sql'
import { MOST_OF_A_BATCH, readBatch, readBatchesAfter, readNewestBatch } from './batches'
import type { TailedRecord } from './matches'

/** A notification can be lost with its connection: this often the batches are asked for anyway, in milliseconds. */
const LOOK_EVERY_MS = 2_000
/** A number that is missing this long was given to a batch that was undone, in milliseconds. */
const GAP_MS = 30_000
const RETRY_FIRST_MS = 250
const RETRY_LAST_MS = 5_000
const MOST_BATCHES = 100

export interface FollowerEvents {
  /**
   * Rows of one batch, read once for all. `upTo`: every batch up to this number was handed over. `isCut`: the batch held
   * more than anybody reads as it passes.
   */
  onRecords(records: readonly TailedRecord[], upTo: number, isCut: boolean): void
  /** Whether anybody searches arguments just now. */
  needsArguments(): boolean
}

/** Follows the record with one LISTEN connection, from the newest batch on, until it is stopped. Misses nothing. */
export class RecordFollower {
  #isStopped = false
  #client: PoolClient | null = null
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #looksAgain = false
  /** Every batch up to this number was handed over. */
  #upTo: number | null = null
  /** Numbers after `#upTo` that were handed over: batches may be seen out of order. */
  readonly #seen = new Set<number>()
  #gapSince: number | null = null
  #onPlaced: () => void = () => undefined
  /** Done once it is known where the record stands: all that is shipped from here on is handed over. */
  readonly placed = new Promise<void>(resolve => {
    this.#onPlaced = resolve
  })

  constructor(private readonly events: FollowerEvents) {}

  get upTo(): number {
    return this.#upTo ?? 0
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
    this.#timer.unref()
    void this.#listen()
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    this.#client?.release(true)
    this.#client = null
  }

  /** Keeps one connection listening; each new one looks for what the lost one may have missed. */
  async #listen(): Promise<void> {
    for (let delay = RETRY_FIRST_MS; !this.#isStopped; delay = Math.min(delay * 2, RETRY_LAST_MS)) {
      try {
        await this.#listenOnce(await database().pool.connect(), () => {
          delay = RETRY_FIRST_MS
        })
      } catch {
        // Postgres is away; what is shipped meanwhile waits in its table.
      }
      if (!this.#isStopped) await new Promise(resolve => setTimeout(resolve, delay).unref())
    }
  }

  async #listenOnce(client: PoolClient, onReady: () => void): Promise<void> {
    if (this.#isStopped) return client.release()
    const lost = new Promise<void>(resolve => {
      client.on('error', () => resolve())
      client.once('end', () => resolve())
    })
    client.on('notification', () => this.#look())
    this.#client = client
    try {
      await client.query('LISTEN intercept_record')
      onReady()
      this.#look()
      await lost
    } finally {
      if (this.#client === client) {
        this.#client = null
        client.release(true)
      }
    }
  }

  /** One look at a time; who asks during one gets another after it. */
  #look(): void {
    this.#looksAgain = true
    if (!this.#isLooking) void this.#lookUntilDone()
  }

  async #lookUntilDone(): Promise<void> {
    this.#isLooking = true
    try {
      while (this.#looksAgain && !this.#isStopped) {
        this.#looksAgain = false
        await this.#readOn()
      }
    } catch {
      // The next look reads on from the same place.
    } finally {
      this.#isLooking = false
    }
  }

  async #readOn(): Promise<void> {
    const sql = sqlOver(database().pool)
    if (this.#upTo === null) await this.#findPlace(sql)
    const batches = await readBatchesAfter(sql, this.upTo, this.#seen.size + MOST_BATCHES)
    const fresh = batches.filter(batch => !this.#seen.has(batch.id))
    for (const batch of fresh) {
      const records = await readBatch(sql, batch, this.events.needsArguments())
      this.#seen.add(batch.id)
      this.#advance()
      this.events.onRecords(records, this.upTo, records.length >= MOST_OF_A_BATCH)
    }
    this.#advance()
    if (fresh.length === MOST_BATCHES) this.#looksAgain = true
  }

  /** Starts at the newest batch, and waits for those before it whose commits are still on their way. */
  async #findPlace(sql: Sql): Promise<void> {
    const newest = await readNewestBatch(sql)
    this.#upTo = Math.max(0, newest - MOST_BATCHES)
    for (const { id } of await readBatchesAfter(sql, this.#upTo, MOST_BATCHES)) if (id <= newest) this.#seen.add(id)
    this.#advance()
    this.#onPlaced()
  }

  /** Moves the place over what was handed over without a gap, and over a gap that stays. */
  #advance(): void {
    if (this.#upTo === null) return
    if (this.#gapSince !== null && Date.now() - this.#gapSince > GAP_MS) this.#upTo = Math.min(...this.#seen) - 1
    while (this.#seen.delete(this.#upTo + 1)) this.#upTo += 1
    if (this.#seen.size === 0) this.#gapSince = null
    else this.#gapSince ??= Date.now()
  }
}
