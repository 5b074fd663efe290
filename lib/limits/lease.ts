import type { LimitRequest, Reservation } from './model'

export type Part = Reservation['taken'][number]

/** Most that is held ahead, as a part of `max`. */
const LARGEST_SHARE = 0.05
/** A counter that was not touched for so long is not busy. */
const IDLE_MS = 1_000
/** Before a window ends, nothing held ahead is used: the clocks of proxies and store differ a little. */
const END_MS = 1_000

/** What one proxy holds ahead of one counter in one window. Amounts are integer millionths. */
export class Lease {
  /** The fetch that is under way; null when there is none. */
  filling: Promise<unknown> | null = null
  #left = 0
  #coming = 0
  /** Held ahead at the last fetch; the next one holds twice as much. */
  #ahead = 0
  #touchedAt = Number.NEGATIVE_INFINITY
  #isStopped = false
  readonly #cap: number
  readonly #endsAt: number

  constructor(private readonly of: LimitRequest) {
    this.#cap = Math.floor(of.max * LARGEST_SHARE)
    this.#endsAt = of.windowStart + of.windowSeconds * 1000
  }

  isOver(now: number): boolean {
    return now >= this.#endsAt
  }

  isIdle(now: number): boolean {
    if (this.filling) return false
    return now - this.#touchedAt > IDLE_MS || this.#isEnding(now)
  }

  leftIn(windowStart: number): number {
    return windowStart === this.of.windowStart ? this.#left : 0
  }

  /** What of it may serve this request. A bound that was changed since asks the store. */
  usable({ windowStart, max }: LimitRequest, now: number): number {
    if (windowStart !== this.of.windowStart || max !== this.of.max || this.#isEnding(now)) return 0
    return this.#left
  }

  take(cost: number, now: number): Part[] {
    if (cost === 0) return []
    this.#touchedAt = now
    this.#left -= cost
    return [this.#part(cost)]
  }

  /** False when it does not belong here, or would be more than may be held. */
  takeBack({ windowStart, cost }: Part): boolean {
    const isRoom = this.#left + this.#coming + cost <= this.#cap
    if (windowStart !== this.of.windowStart || !isRoom || this.#isStopped) return false
    this.#left += cost
    return true
  }

  add({ windowStart, cost }: Part): void {
    // By the store's clock another window has begun: this stays spent there.
    if (windowStart === this.of.windowStart) this.#left += cost
  }

  mayHold({ windowStart, max, cost }: LimitRequest, now: number): boolean {
    const isSame = windowStart === this.of.windowStart && max === this.of.max
    return isSame && cost <= this.#cap && !this.#isStopped && !this.filling && !this.#isEnding(now)
  }

  /** How much to hold ahead now: nothing of a counter that is not busy. */
  grow(cost: number, now: number): number {
    const isBusy = this.#touchedAt > now - IDLE_MS
    this.#ahead = isBusy ? Math.min(this.#cap - this.#left, Math.max(cost, this.#ahead * 2)) : 0
    this.#touchedAt = now
    return this.#ahead
  }

  /** A fetch that brings what `grow` said is under way. */
  begin(filling: Promise<unknown>): void {
    this.filling = filling
    this.#coming = this.#ahead
  }

  end(): void {
    this.filling = null
    this.#coming = 0
  }

  stopAhead(): void {
    this.#isStopped = true
  }

  giveUp(): Part[] {
    const left = this.#left
    this.#left = 0
    return left > 0 ? [this.#part(left)] : []
  }

  #isEnding(now: number): boolean {
    return now >= this.#endsAt - Math.min(END_MS, this.of.windowSeconds * 100)
  }

  #part(cost: number): Part {
    return { key: this.of.key, windowStart: this.of.windowStart, cost }
  }
}
