import type { Call, Counters } from '../decision'
import { type WallClock, wallClockAt } from '../time-zone'

/** One call under judgement, with what is worked out at most once for it. */
export class Context {
  #clock: WallClock | null | undefined
  #zone = ''

  constructor(
    readonly call: Call,
    readonly counters: Counters | undefined,
  ) {}

  clockIn(zone: string): WallClock | null {
    if (this.#clock === undefined || this.#zone !== zone) {
      this.#clock = wallClockAt(this.call.at, zone)
      this.#zone = zone
    }
    return this.#clock
  }
}
