import type { Evidence } from '@/lib/audit/outside/evidence'
import type { EvidenceSink } from '@/lib/audit/outside/sinks'
import type { Log } from '../log'

/** How a place outside fares, for metrics, the heartbeat and the console. */
export interface SinkState {
  readonly name: string
  /** Waiting to be kept. */
  readonly waiting: number
  /** Never offered again, since too much waited. */
  readonly dropped: number
  /** When it last kept something; null before. */
  readonly keptAt: Date | null
  /** Of the newest checkpoint that it kept. */
  readonly keptTo: { readonly chain: string; readonly sequence: number } | null
  /** Why the last try failed; null when it did not. */
  readonly problem: string | null
}

/** What waits for a place that fails; the newest checkpoints cover the records of those that are dropped. */
const MOST_WAITING = 1_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

/** Gives one place what it should keep, in order, one at a time; one that fails is tried again, ever more slowly. */
export class SinkQueue {
  readonly #waiting: Evidence[] = []
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #pauseMs = 0
  #dropped = 0
  #keptAt: Date | null = null
  #keptTo: SinkState['keptTo'] = null
  #problem: string | null = null
  #isStopped = false

  constructor(
    private readonly sink: EvidenceSink,
    private readonly log: Log,
  ) {}

  hand(evidence: Evidence): void {
    this.#waiting.push(evidence)
    if (this.#waiting.length > MOST_WAITING) {
      // The first one may be on its way.
      this.#waiting.splice(1, 1)
      this.#dropped += 1
    }
    if (this.#timer === null) this.#start()
  }

  get state(): SinkState {
    const { name } = this.sink
    const waiting = this.#waiting.length
    return {
      name,
      waiting,
      dropped: this.#dropped,
      keptAt: this.#keptAt,
      keptTo: this.#keptTo,
      problem: this.#problem,
    }
  }

  /** Tries what waits once more, and stops. Resolves when nothing runs. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#start()
    await this.#running
  }

  #start(): void {
    this.#timer = null
    if (this.#running) return
    this.#running = this.#run().finally(() => {
      this.#running = null
      // Something came between the last look and here.
      if (!this.#isStopped && this.#timer === null && this.#waiting.length > 0) this.#start()
    })
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      try {
        await this.sink.publish(next)
      } catch (error) {
        this.#fail(error)
        return
      }
      this.#waiting.shift()
      this.#keep(next)
    }
  }

  #keep(evidence: Evidence): void {
    if (this.#problem !== null) this.log.info({ sink: this.sink.name }, 'evidence is kept outside again')
    this.#problem = null
    this.#pauseMs = 0
    this.#keptAt = new Date()
    if (evidence.kind !== 'checkpoint') return
    const { chain, sequence } = evidence.checkpoint
    this.#keptTo = { chain, sequence }
  }

  #fail(error: unknown): void {
    if (this.#problem === null)
      this.log.warn({ error, sink: this.sink.name }, 'a checkpoint was not kept outside; trying again')
    this.#problem = error instanceof Error ? error.message.slice(0, 300) : String(error)
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)
    if (this.#isStopped) return
    this.#timer = setTimeout(() => this.#start(), this.#pauseMs)
    this.#timer.unref()
  }
}
