import type { Log } from './log'

const EVERY_MS = 1_000

/** Says in the log that decisions could not be recorded: once a second at most, since a flood may be what fills the disk. */
export class GapWatch {
  #said = 0
  #timer: NodeJS.Timeout | null = null

  /** @param count decisions and outcomes that could not be recorded so far */
  constructor(
    private readonly count: () => number,
    private readonly log: Pick<Log, 'error'>,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.look(), EVERY_MS)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.look()
  }

  look(): void {
    const total = this.count()
    if (total === this.#said) return
    this.log.error(
      { audit_gap: total - this.#said, total },
      'decisions could not be recorded: calls among them were refused, denials stand. See to the disk of the spool',
    )
    this.#said = total
  }
}
