import { MemoryCounterStore } from '@/lib/limits/memory'
import type { CounterStore, LimitRequest, Reservation, ReserveOutcome } from '@/lib/limits/model'
import { type LimitObligation, reservationOf } from '@/lib/policy'
import { only } from './only'
import type { Soon } from './when'

export type Reserved =
  | { readonly ok: true; readonly held: Held }
  | { readonly ok: false; readonly obligation: LimitObligation; readonly resetsAt: number }

/** What a call holds until it is known whether it counts. */
export interface Held {
  readonly own: Reservation
  readonly shared: Reservation
}

const NOTHING: Reservation = { taken: [] }

/**
 * Takes the limits of a call, all or none. A limit per session counts in this process, which holds the session, so that
 * it needs no store; every other counts in the store that all proxies share.
 */
export class Limits {
  readonly #own = new MemoryCounterStore()

  constructor(private readonly shared: CounterStore) {}

  /**
   * At once where every limit is a session's.
   * @throws when the shared store is needed and does not answer; nothing is held then
   */
  reserve(obligations: readonly LimitObligation[], now: number): Soon<Reserved> {
    const ofSession = only(obligations, ({ per }) => per === 'session')
    const own = readOutcome(ofSession, this.#own.take(requestsOf(ofSession, now), now))
    if (!own.ok) return own
    if (ofSession.length === obligations.length) return { ok: true, held: { own: own.reservation, shared: NOTHING } }
    return this.#reserveShared(obligations, own.reservation, now)
  }

  async #reserveShared(obligations: readonly LimitObligation[], own: Reservation, now: number): Promise<Reserved> {
    const ofAll = obligations.filter(({ per }) => per !== 'session')
    try {
      const shared = readOutcome(ofAll, await this.shared.reserve(requestsOf(ofAll, now), now))
      if (shared.ok) return { ok: true, held: { own, shared: shared.reservation } }
      await this.#own.refund(own)
      return shared
    } catch (error) {
      await this.#own.refund(own)
      throw error
    }
  }

  /** @throws when the shared store does not answer; what it holds stays spent then */
  async refund({ own, shared }: Held, now: number): Promise<void> {
    await this.#own.refund(own)
    if (shared.taken.length > 0) await this.shared.refund(shared, now)
  }

  /** Counters that conditions read are those of `state` and of string limits, which all callers share. */
  read(needs: Parameters<CounterStore['read']>[0]): Promise<ReadonlyMap<string, number>> {
    return this.shared.read(needs)
  }
}

type Taken = { ok: true; reservation: Reservation } | { ok: false; obligation: LimitObligation; resetsAt: number }

function requestsOf(obligations: readonly LimitObligation[], now: number): LimitRequest[] {
  return obligations.map(obligation => reservationOf(obligation, now))
}

function readOutcome(obligations: readonly LimitObligation[], outcome: ReserveOutcome): Taken {
  if (outcome.ok) return outcome
  const obligation = obligations[outcome.refused.index] ?? (obligations[0] as LimitObligation)
  return { ok: false, obligation, resetsAt: outcome.refused.resetsAt }
}
