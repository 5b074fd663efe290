import { Counter, Gauge, Registry } from 'prom-client'
import type { CallDecision } from './call-decision'
import type { CheckpointState } from './checkpoints'

/** Latest decisions that quantiles are taken over. */
const WINDOW = 2_048

/** What is read when somebody asks. */
export interface MetricSources {
  spoolBytes(): number
  shippedLagMs(): number
  sessions(): number
  auditGap(): number
  bundleAgeMs(): number
  /** Records that Postgres refused. */
  quarantined(): number
  /** Spool lines that cannot be read. */
  damagedLines(): number
  /** Checkpoints that some place outside has not kept yet. */
  unpublishedCheckpoints(): number
  /** Evidence that waited for a place outside until there was too much of it. */
  droppedCheckpoints(): number
  checkpoints(): CheckpointState
}

/** Counts of this process, for `/metrics` (Prometheus) and the heartbeat. */
export class Metrics {
  readonly registry = new Registry()
  readonly #decisions = new Counter({
    name: 'intercept_decisions_total',
    help: 'Calls decided, by effect and code.',
    labelNames: ['effect', 'code'] as const,
    registers: [this.registry],
  })
  /** The counter of each pair of labels, since finding it by its labels is slow. */
  readonly #decisionsOf = new Map<string, Counter.Internal>()
  readonly #refundFailures = new Counter({
    name: 'intercept_refund_failures_total',
    help: 'Limits that could not be given back because their store did not answer.',
    registers: [this.registry],
  })
  readonly #unavailable = new Counter({
    name: 'intercept_limits_unavailable_total',
    help: 'Questions that the shared store of limits did not answer.',
    registers: [this.registry],
  })
  readonly #storeUp = new Gauge({
    name: 'intercept_limits_store_up',
    help: '0 while the shared store of limits does not answer: calls that need it are refused.',
    registers: [this.registry],
  })
  readonly #added = new Float64Array(WINDOW)
  #addedCount = 0

  /** @param addedMs from the message read to the decision recorded: what this proxy adds before it forwards */
  decided(decision: CallDecision, addedMs?: number): void {
    this.#counterOf(decision).inc()
    if (addedMs !== undefined) this.#added[this.#addedCount++ % WINDOW] = addedMs
  }

  #counterOf({ effect, code }: CallDecision): Counter.Internal {
    const place = `${effect} ${code ?? ''}`
    const known = this.#decisionsOf.get(place)
    if (known) return known
    const counter = this.#decisions.labels({ effect, code: code ?? '' })
    this.#decisionsOf.set(place, counter)
    return counter
  }

  refundFailed(): void {
    this.#refundFailures.inc()
  }

  limitsAsked(hasAnswered: boolean): void {
    this.#storeUp.set(hasAnswered ? 1 : 0)
    if (!hasAnswered) this.#unavailable.inc()
  }

  /** Added latency in milliseconds at the given quantiles over the latest decisions; 0 when there were none. */
  addedMs(quantiles: readonly number[]): number[] {
    const sorted = this.#added.slice(0, Math.min(this.#addedCount, WINDOW)).sort()
    return quantiles.map(q => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0)
  }

  /** Adds the gauges that are read on demand. */
  watch(sources: MetricSources): void {
    this.#storeUp.set(1)
    const gauges: [name: string, help: string, read: () => number][] = [
      ['intercept_spool_bytes', 'Bytes of records that are not in Postgres yet.', sources.spoolBytes],
      ['intercept_shipped_lag_ms', 'Age of the oldest record that is not in Postgres yet.', sources.shippedLagMs],
      ['intercept_sessions', 'Sessions open.', sources.sessions],
      ['intercept_audit_gap_total', 'Decisions and outcomes that could not be recorded.', sources.auditGap],
      ['intercept_quarantined_total', 'Records that Postgres refused; each is in quarantine.', sources.quarantined],
      ['intercept_damaged_lines_total', 'Lines of the spool that cannot be read.', sources.damagedLines],
      [
        'intercept_checkpoints_unpublished',
        'Checkpoints that some place outside has not kept yet.',
        sources.unpublishedCheckpoints,
      ],
      [
        'intercept_checkpoints_dropped_total',
        'Checkpoints that waited for a place outside until there were too many; later ones cover their records.',
        sources.droppedCheckpoints,
      ],
      [
        'intercept_checkpoint_places_failing',
        'Places outside, the time-stamping authority among them, whose last try failed.',
        () => failingPlaces(sources.checkpoints()),
      ],
      ['intercept_unsigned_records', 'Records since the last checkpoint.', () => sources.checkpoints().unsigned],
      ['intercept_bundle_age_ms', 'Since Postgres last confirmed what is in force.', sources.bundleAgeMs],
      [
        'intercept_added_p50_ms',
        'Median of what the proxy adds before it forwards.',
        () => this.addedMs([0.5])[0] ?? 0,
      ],
      ['intercept_added_p99_ms', '99th percentile of the same.', () => this.addedMs([0.99])[0] ?? 0],
      ['intercept_resident_bytes', 'Resident memory.', () => process.memoryUsage.rss()],
    ]
    for (const [name, help, read] of gauges) {
      const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) })
    }
  }
}

function failingPlaces({ sinks, stamps }: CheckpointState): number {
  return [...sinks, ...(stamps ? [stamps] : [])].filter(({ problem }) => problem !== null).length
}
