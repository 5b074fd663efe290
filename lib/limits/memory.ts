import type { CounterKey, CounterStore, LimitRequest, Reservation, ReserveOutcome } from './model'

interface Window {
  windowStart: number
  windowSeconds: number
  used: number
}

/** Past this many counters, those whose window is over are dropped. */
const SWEEP_ABOVE = 10_000

/** Counters of one process: for the command line, for tests, and for a proxy that shares its limits with nobody. */
export class MemoryCounterStore implements CounterStore {
  readonly #windows = new Map<string, Window>()
  #sweepAbove = SWEEP_ABOVE

  async reserve(requests: readonly LimitRequest[], now: number): Promise<ReserveOutcome> {
    return this.take(requests, now)
  }

  /** The same, at once. */
  take(requests: readonly LimitRequest[], now: number): ReserveOutcome {
    for (let index = 0; index < requests.length; index++) {
      const request = requests[index] as LimitRequest
      const used = this.#used(request) + costBefore(requests, index)
      if (request.cost > 0 && used + request.cost > request.max) {
        const resetsAt = request.windowStart + request.windowSeconds * 1000
        return { ok: false, refused: { index, used, resetsAt } }
      }
    }
    for (const request of requests) this.#add(request)
    this.#sweep(now)
    return {
      ok: true,
      reservation: { taken: requests.map(({ key, windowStart, cost }) => ({ key, windowStart, cost })) },
    }
  }

  async refund(reservation: Reservation): Promise<void> {
    for (const { key, windowStart, cost } of reservation.taken) {
      const window = this.#windows.get(key)
      if (window?.windowStart === windowStart) window.used = Math.max(0, window.used - cost)
    }
  }

  async read(keys: readonly CounterKey[]): Promise<ReadonlyMap<string, number>> {
    return new Map(keys.map(key => [key.key, this.#used(key)]))
  }

  #used({ key, windowStart }: CounterKey): number {
    const window = this.#windows.get(key)
    return window?.windowStart === windowStart ? window.used : 0
  }

  #add({ key, windowStart, windowSeconds, cost }: LimitRequest): void {
    const window = this.#windows.get(key)
    if (window?.windowStart === windowStart) window.used += cost
    else this.#windows.set(key, { windowStart, windowSeconds, used: cost })
  }

  #sweep(now: number): void {
    if (this.#windows.size <= this.#sweepAbove) return
    for (const [key, window] of this.#windows) {
      if (window.windowStart + window.windowSeconds * 1000 <= now) this.#windows.delete(key)
    }
    this.#sweepAbove = Math.max(SWEEP_ABOVE, this.#windows.size * 2)
  }
}

/** What the requests before one take from its counter. They are few: one for each limit of a tool. */
function costBefore(requests: readonly LimitRequest[], index: number): number {
  const key = requests[index]?.key
  let cost = 0
  for (let i = 0; i < index; i++) if (requests[i]?.key === key) cost += requests[i]?.cost ?? 0
  return cost
}
