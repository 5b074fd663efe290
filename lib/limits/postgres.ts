import type { Sql } from '@/lib/db/sql'
import type { CounterKey, CounterStore, LimitRequest, Reservation, ReserveOutcome } from './model'

type Answer = { ok: true; windows: number[] } | { ok: false; index: number; used: number; resets_at: number }

/**
 * Counters that all proxies share through Postgres, and that survive restarts. Windows are those of the database's clock.
 * Rejects when Postgres does not answer: hand in a pool with a short `query_timeout`, so that it rejects rather than waits.
 */
export class PostgresCounterStore implements CounterStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  async reserve(requests: readonly LimitRequest[]): Promise<ReserveOutcome> {
    // A cost of nothing always fits, also where the bound was lowered below what is used.
    const costly = requests.flatMap((request, index) => (request.cost > 0 ? [{ request, index }] : []))
    if (costly.length === 0) return { ok: true, reservation: { taken: [] } }
    const asked = costly.map(({ request: { key, windowSeconds, max, cost } }) => ({
      key,
      window_seconds: windowSeconds,
      max,
      cost,
    }))
    const [row] = await this.#sql.query<{ answer: Answer }>('SELECT reserve_limits($1::jsonb) AS answer', [
      JSON.stringify(asked),
    ])
    if (!row) throw new Error('reserve_limits gave no row')
    const { answer } = row
    if (!answer.ok) {
      const index = costly[answer.index]?.index ?? 0
      return { ok: false, refused: { index, used: answer.used, resetsAt: answer.resets_at * 1000 } }
    }
    const taken = costly.map(({ request: { key, cost } }, i) => ({
      key,
      cost,
      windowStart: (answer.windows[i] ?? 0) * 1000,
    }))
    return { ok: true, reservation: { taken } }
  }

  async refund({ taken }: Reservation): Promise<void> {
    if (taken.length === 0) return
    const refunds = taken.map(({ key, windowStart, cost }) => ({ key, window_start: windowStart / 1000, cost }))
    await this.#sql.query('SELECT refund_limits($1::jsonb)', [JSON.stringify(refunds)])
  }

  async read(keys: readonly CounterKey[]): Promise<ReadonlyMap<string, number>> {
    const used = new Map(keys.map(({ key }) => [key, 0]))
    if (keys.length === 0) return used
    const asked = keys.map(({ key, windowSeconds }) => ({ key, window_seconds: windowSeconds }))
    const [row] = await this.#sql.query<{ used: Record<string, number> }>('SELECT read_limits($1::jsonb) AS used', [
      JSON.stringify(asked),
    ])
    for (const [key, amount] of Object.entries(row?.used ?? {})) used.set(key, amount)
    return used
  }
}
