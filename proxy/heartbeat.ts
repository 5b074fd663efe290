import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '@/lib/db/sql'
import { markKeysUsed } from '@/lib/identity/store'
import type { BundleSource } from './bundle-source'
import type { MetricSources, Metrics } from './metrics'

const EVERY_MS = 2_000
const FAREWELL_MS = 300

/** Says every two seconds that this proxy lives, what it has in force and how it fares; and which keys were used. */
export class Heartbeat {
  readonly #usedKeys = new Set<string>()
  readonly #startedAt = new Date()
  #timer: NodeJS.Timeout | null = null
  #isBeating = false

  constructor(
    private readonly sql: Sql,
    private readonly proxy: string,
    private readonly version: string,
    private readonly source: BundleSource,
    private readonly metrics: Metrics,
    private readonly sources: MetricSources,
  ) {}

  start(): void {
    this.source.onActivate(() => void this.#beat(null))
    this.#timer = setInterval(() => void this.#beat(null), EVERY_MS)
    void this.#beat(null)
  }

  /** Notes that a key was used; told with the next beat. */
  used(keyId: string): void {
    this.#usedKeys.add(keyId)
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    await Promise.race([this.#beat(new Date()), sleep(FAREWELL_MS)])
  }

  async #beat(stoppedAt: Date | null): Promise<void> {
    if (this.#isBeating && !stoppedAt) return
    this.#isBeating = true
    const keys = [...this.#usedKeys]
    this.#usedKeys.clear()
    try {
      await this.sql.query('SELECT proxy_heartbeat($1::jsonb)', [JSON.stringify(this.#content(stoppedAt))])
      await markKeysUsed(this.sql, keys)
    } catch {
      // Postgres is away; the next beat tells the same.
      for (const key of keys) this.#usedKeys.add(key)
    } finally {
      this.#isBeating = false
    }
  }

  #content(stoppedAt: Date | null): object {
    const [addedP50Ms = 0, addedP99Ms = 0] = this.metrics.addedMs([0.5, 0.99]).map(ms => Math.round(ms * 1000) / 1000)
    const { spoolBytes, shippedLagMs, sessions, auditGap, quarantined, damagedLines, checkpoints } = this.sources
    return {
      name: this.proxy,
      version: this.version,
      started_at: this.#startedAt,
      stopped_at: stoppedAt,
      revision: this.source.current?.revision ?? null,
      activated_at: this.source.activatedAt,
      status: {
        spoolBytes: spoolBytes(),
        shippedLagMs: shippedLagMs(),
        addedP50Ms,
        addedP99Ms,
        sessions: sessions(),
        auditGap: auditGap(),
        quarantined: quarantined(),
        damagedLines: damagedLines(),
        checkpoints: checkpoints(),
      },
    }
  }
}
