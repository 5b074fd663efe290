import { setTimeout as sleep } from 'node:timers/promises'
import { BundleFile, BundleFileRefused, type BundleFileSettings } from './bundle-file'
import type { EnforcementParts } from './enforcement'
import type { Log } from './log'

/** What is confirmed and unchanged is written again this often, or the file would seem older than it is. */
const KEEP_EVERY_MS = 60_000
const LAST_WRITE_MS = 500

/** One instant by the clock on the wall and by the one that only goes forward, in milliseconds. */
export interface Moment {
  readonly atMs: number
  readonly upMs: number
}

export function thisMoment(): Moment {
  return { atMs: Date.now(), upMs: performance.now() }
}

/**
 * Remembers what Postgres held and when it last said so; on disk too, so that a restart without Postgres still decides.
 * What nobody has confirmed for too long decides no more, or a revoked key would live for ever on a proxy that is cut off.
 */
export class LastKnownGood {
  readonly #file: BundleFile
  readonly #maxAgeMs: number
  #parts: EnforcementParts | null = null
  /** By both clocks: one may be set back, the other sleeps with its host. */
  #confirmed: Moment | null = null
  #keptAtMs = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(
    settings: BundleFileSettings,
    private readonly log: Log,
  ) {
    this.#file = new BundleFile(settings)
    this.#maxAgeMs = settings.maxAgeMs
  }

  /** Whether it came from Postgres in this run. */
  get isRead(): boolean {
    return this.#parts !== null
  }

  /** Milliseconds since Postgres last confirmed what is in force; 0 before it ever did. */
  get ageMs(): number {
    if (!this.#confirmed) return 0
    const { atMs, upMs } = thisMoment()
    return Math.max(0, atMs - this.#confirmed.atMs, upMs - this.#confirmed.upMs)
  }

  get isTooOld(): boolean {
    return this.ageMs > this.#maxAgeMs
  }

  /**
   * Postgres has said what holds. Keeping it on disk is not waited for.
   * @param asked when it was asked, since what changes while it answers is not in the answer
   * @param parts what it said; absent when it said that nothing has changed
   */
  confirm(asked: Moment, parts?: EnforcementParts): void {
    if (this.isTooOld) this.log.info('Postgres has confirmed what is in force: calls are decided again')
    this.#confirmed = asked
    if (parts) this.#parts = parts
    const isDue = asked.atMs - this.#keptAtMs >= Math.min(KEEP_EVERY_MS, this.#maxAgeMs / 10)
    if (!this.#parts || !(parts || isDue)) return
    this.#keptAtMs = asked.atMs
    this.#writing = this.#file
      .write({ parts: this.#parts, confirmedAt: asked.atMs })
      .catch(error => this.log.warn({ error }, 'the bundle could not be kept on disk; a restart needs Postgres'))
  }

  /** What an earlier run kept, if it may still decide; null when Postgres was quicker. Never rejects. */
  async recover(): Promise<EnforcementParts | null> {
    try {
      const { atMs, upMs } = thisMoment()
      const kept = await this.#file.read(atMs)
      if (!kept || this.#confirmed) return null
      this.#confirmed = { atMs: kept.confirmedAt, upMs: upMs - Math.max(0, atMs - kept.confirmedAt) }
      this.log.warn({ confirmedAt: new Date(kept.confirmedAt) }, 'the last known good bundle comes from disk')
      return kept.parts
    } catch (error) {
      const problem = error instanceof BundleFileRefused ? error.message : 'It cannot be read.'
      this.log.error({ problem }, 'the bundle on disk is refused: without Postgres every call is denied')
      return null
    }
  }

  async close(): Promise<void> {
    await Promise.race([this.#writing, sleep(LAST_WRITE_MS, undefined, { ref: false })])
  }
}
