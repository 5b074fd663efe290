import type { LineKind } from './spool-line'

/** Nobody waits for an outcome: it goes with the next decision, or on its own after this long. */
const OUTCOME_WAIT_MS = 20

/**
 * Group commit: what is added in one turn of the loop, or while a batch is being made durable, goes together in the next
 * batch, with the outcomes that wait.
 */
export class GroupCommit<Line extends { readonly kind: LineKind }> {
  #queue: Line[] = []
  /** Of what waits, all but outcomes. */
  #urgent = 0
  #outcomeTimer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  /** @param commit makes a batch durable and tells who waits; it never rejects, and may be given an empty batch */
  constructor(private readonly commit: (batch: readonly Line[]) => Promise<void>) {}

  add(line: Line, isUrgent = line.kind !== 'o'): void {
    this.#queue.push(line)
    if (!isUrgent) {
      // Behind the batch under way, which may take longer than this.
      this.#outcomeTimer ??= setTimeout(() => void this.flush(), OUTCOME_WAIT_MS)
      return
    }
    this.#urgent += 1
    void this.start()
  }

  /** Commits what waits, outcomes too; resolves when that is done. */
  start(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  /** Resolves when the batch under way is done, and what waited behind it. */
  async flush(): Promise<void> {
    await this.#running
    if (this.#queue.length > 0) await this.start()
  }

  /** Resolves when the batch under way is done. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // Let everything that is decided in this turn of the loop join the first batch.
    await new Promise(resolve => setImmediate(resolve))
    do await this.commit(this.#take())
    while (this.#urgent > 0)
    this.#running = null
  }

  #take(): Line[] {
    const batch = this.#queue
    this.#queue = []
    this.#urgent = 0
    if (this.#outcomeTimer) clearTimeout(this.#outcomeTimer)
    this.#outcomeTimer = null
    return batch
  }
}
