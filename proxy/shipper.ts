import { setTimeout as sleep } from 'node:timers/promises'
import { type JsonArray, recordCalls } from '@/lib/audit/store'
import type { Sql } from '@/lib/db/sql'
import { uuidTime } from '@/lib/db/uuid'
import type { Log } from './log'
import type { Spool } from './spool'
import { aboutOf } from './spool-line'
import type { SpoolLines } from './spool-lines'
import { type Batch, SpoolReader } from './spool-reader'
import type { Segment } from './spool-segment'
import { type RecordDoor, takeLines } from './take-lines'

/** A megabyte of lines or so: what each batch costs by itself, its roll-ups first, is then little a record. */
const BATCH_LINES = 2_000
/**
 * Records gather while more of them come, for a tenth of a second at most: each batch is a transaction of Postgres, whose sync
 * competes with the spool's.
 */
const GATHER_MS = 20
const MOST_GATHERS = 5
const RETRY_FIRST_MS = 100
const RETRY_LAST_MS = 5_000
const SAVE_EVERY_MS = 5_000
const RELEASE_AGAIN_MS = 1_000

/**
 * Moves spooled records to Postgres, in order and for ever: an outage only makes the spool grow.
 */
export class Shipper {
  readonly #reader: SpoolReader
  readonly #door: RecordDoor
  #isStopping = false
  #running: Promise<void> | null = null
  #wake: () => void = () => undefined
  #oldestAt: number | null = null
  #savedAt = 0
  /** Segments that are in Postgres and still on the disk. */
  readonly #shipped: Segment[] = []
  readonly counts = { shipped: 0, damaged: 0, quarantined: 0 }

  constructor(
    private readonly spool: Spool,
    directory: string,
    sql: Sql,
    private readonly log: Log,
  ) {
    this.#reader = new SpoolReader(spool, directory)
    const record = async (decisions: JsonArray, outcomes: JsonArray) => {
      await recordCalls(sql, decisions, outcomes)
    }
    this.#door = { sql, record, directory, log }
  }

  start(): void {
    this.spool.onDurable = () => this.#wake()
    this.#running = this.#run()
  }

  get pendingBytes(): number {
    return this.#reader.pendingBytes
  }

  /** Age of the oldest record that is not in Postgres, in milliseconds; 0 when all are. */
  get lagMs(): number {
    return this.#oldestAt === null || this.pendingBytes === 0 ? 0 : Math.max(0, Date.now() - this.#oldestAt)
  }

  /** Ships what is durable, for at most `forMs`, and stops. What is left stays in the spool. */
  async stop(forMs: number): Promise<void> {
    const until = Date.now() + forMs
    while (this.pendingBytes > 0 && Date.now() < until) await sleep(10)
    this.#isStopping = true
    this.#wake()
    await Promise.race([this.#running, sleep(200)])
    this.#reader.close()
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const batch = this.#reader.next(BATCH_LINES)
      if (!batch) {
        this.#oldestAt = null
        await this.#rest()
        continue
      }
      this.#oldestAt = timeOf(batch) ?? this.#oldestAt ?? Date.now()
      if (!(await this.#shipUntilDone(batch.lines))) return
      this.counts.damaged += batch.damaged
      await this.#pass(batch)
    }
  }

  /** Until more is durable; a disk that let nothing go is asked again meanwhile. */
  async #rest(): Promise<void> {
    const more = new Promise<void>(resolve => {
      this.#wake = resolve
    })
    await (this.#shipped.length > 0 ? Promise.race([more, sleep(RELEASE_AGAIN_MS)]) : more)
    await this.#releaseShipped()
    for (let i = 0, before = -1; i < MOST_GATHERS && !this.#isStopping && this.pendingBytes !== before; i++) {
      before = this.pendingBytes
      await sleep(GATHER_MS)
    }
  }

  async #pass(batch: Batch): Promise<void> {
    const isEnd = this.#reader.isEnd(batch)
    if (isEnd) this.#shipped.push(batch.segment)
    this.#reader.pass(batch)
    await this.#releaseShipped()
    this.counts.shipped += batch.lines.length
    if (isEnd || Date.now() - this.#savedAt > SAVE_EVERY_MS) this.#savePlace()
  }

  async #releaseShipped(): Promise<void> {
    for (let segment = this.#shipped[0]; segment; segment = this.#shipped[0]) {
      try {
        await this.spool.release(segment)
        this.#shipped.shift()
      } catch (error) {
        this.log.warn({ error }, 'a shipped segment of the spool could not be removed; trying again')
        return
      }
    }
  }

  /** A place that is not kept costs a second reading after a restart and nothing else, so a full disk must not stop this. */
  #savePlace(): void {
    try {
      this.#reader.save()
      this.#savedAt = Date.now()
    } catch (error) {
      this.log.warn({ error }, 'the place in the spool could not be kept; trying again')
    }
  }

  /** False when stopped before Postgres took them. */
  async #shipUntilDone(lines: SpoolLines): Promise<boolean> {
    for (let delay = RETRY_FIRST_MS; !this.#isStopping; delay = Math.min(delay * 2, RETRY_LAST_MS)) {
      try {
        this.counts.quarantined += await takeLines(this.#door, lines)
        return true
      } catch (error) {
        this.log.warn({ error, lines: lines.length, retryInMs: delay }, 'Postgres took no records; trying again')
        await sleep(delay)
      }
    }
    return false
  }
}

function timeOf(batch: Batch): number | null {
  const line = batch.lines.first('ad')
  return line ? uuidTime(aboutOf(line)?.id ?? '') : null
}
