/** One limit to take from: a counter's key, its window, and integer millionths of a unit. */
export interface LimitRequest {
  readonly key: string
  /** Epoch milliseconds; a whole multiple of the window since 1970 UTC. */
  readonly windowStart: number
  readonly windowSeconds: number
  /** Integer millionths. */
  readonly max: number
  /** Integer millionths; 0 always fits. */
  readonly cost: number
}

/** What was taken, to be given back whole and only into the windows it came from. */
export interface Reservation {
  readonly taken: readonly { readonly key: string; readonly windowStart: number; readonly cost: number }[]
}

export interface LimitRefusal {
  /** Index of the first request that did not fit. */
  readonly index: number
  /** Integer millionths used in the window before this call. */
  readonly used: number
  /** Epoch milliseconds. */
  readonly resetsAt: number
}

export type ReserveOutcome =
  | { readonly ok: true; readonly reservation: Reservation }
  | { readonly ok: false; readonly refused: LimitRefusal }

export interface CounterKey {
  readonly key: string
  /** Epoch milliseconds, by the caller's clock; a store with a clock of its own goes by that. */
  readonly windowStart: number
  readonly windowSeconds: number
}

/** Counters of fixed windows. A store that cannot answer rejects; the caller then refuses the call. */
export interface CounterStore {
  /** All or nothing. `now` is epoch milliseconds. */
  reserve(requests: readonly LimitRequest[], now: number): Promise<ReserveOutcome>
  /** Gives back what `reserve` took; a window that is over is left alone, and nothing falls below zero. */
  refund(reservation: Reservation, now: number): Promise<void>
  /** Integer millionths used, by key; 0 where nothing was counted. */
  read(keys: readonly CounterKey[]): Promise<ReadonlyMap<string, number>>
}
