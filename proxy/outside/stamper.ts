import type { Checkpoint } from '@/lib/audit/checkpoint'
import type { CheckpointTimestamp } from '@/lib/audit/timestamp/model'
import type { Log } from '../log'

/** How the authority fares, for the heartbeat and the console. */
export interface StamperState {
  readonly stampedAt: Date | null
  readonly problem: string | null
}

/** Each checkpoint follows on the one before, so stamping one stamps all before it. */
const EVERY_MS = 60_000
const LONGEST_PAUSE_MS = 600_000

/** Has the newest checkpoint stamped by an authority, at most once a minute; one that fails is asked again later. */
export class Stamper {
  #newest: Checkpoint | null = null
  #notBefore = 0
  #pauseMs = EVERY_MS
  #stampedAt: Date | null = null
  #problem: string | null = null
  #running: Promise<void> | null = null

  /** @param stamp asks the authority @param keep takes what it gave */
  constructor(
    private readonly stamp: (checkpoint: Checkpoint) => Promise<CheckpointTimestamp>,
    private readonly keep: (timestamp: CheckpointTimestamp) => void,
    private readonly log: Log,
  ) {}

  hand(checkpoint: Checkpoint): void {
    this.#newest = checkpoint
    this.look()
  }

  /** Stamps what is due. Call it now and then. */
  look(): void {
    const due = this.#newest
    if (!due || this.#running || Date.now() < this.#notBefore) return
    this.#running = this.#stamp(due).finally(() => {
      this.#running = null
    })
  }

  get state(): StamperState {
    return { stampedAt: this.#stampedAt, problem: this.#problem }
  }

  async #stamp(checkpoint: Checkpoint): Promise<void> {
    try {
      const timestamp = await this.stamp(checkpoint)
      if (this.#newest === checkpoint) this.#newest = null
      this.#problem = null
      this.#pauseMs = EVERY_MS
      this.#stampedAt = new Date(timestamp.time)
      this.keep(timestamp)
    } catch (error) {
      if (this.#problem === null) this.log.warn({ error }, 'a checkpoint was not time-stamped; trying again')
      this.#problem = error instanceof Error ? error.message.slice(0, 300) : String(error)
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
    } finally {
      this.#notBefore = Date.now() + this.#pauseMs
    }
  }
}
