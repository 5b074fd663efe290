import type { CounterStore, LimitRequest, Reservation } from '@/lib/limits/model'
import {
  type Call,
  type CompiledPolicy,
  type Decision,
  evaluate,
  type LimitObligation,
  rateLimited,
  refuse,
  refuseInShadow,
  requirements,
  reservationOf,
} from '@/lib/policy'

/** Decides a call and takes its limits, as an enforcement point does. The reservation is null when nothing was taken. */
export async function decideAndReserve(
  policies: readonly CompiledPolicy[],
  call: Call,
  store: CounterStore,
): Promise<{ decision: Decision; reservation: Reservation | null }> {
  const counters = await store.read(requirements(policies, call).counters)
  const decision = evaluate(policies, call, counters)
  if (decision.effect === 'deny') return { decision, reservation: null }
  const limits = decision.obligations.filter(obligation => obligation.kind === 'limit')
  const enforced = limits.filter(({ isShadow }) => !isShadow)
  const outcome = await store.reserve(toRequests(enforced, call.at), call.at)
  if (!outcome.ok)
    return { decision: refuse(decision, rateLimited(limitAt(enforced, outcome.refused.index))), reservation: null }
  if (decision.effect === 'require_approval') {
    // Nothing is asked of a person that a spent limit would refuse, and nothing is spent before they answer.
    await store.refund(outcome.reservation, call.at)
    return { decision, reservation: null }
  }
  const shadow = limits.filter(({ isShadow }) => isShadow)
  const counted = await store.reserve(toRequests(shadow, call.at), call.at)
  return {
    decision: counted.ok ? decision : refuseInShadow(decision, rateLimited(limitAt(shadow, counted.refused.index))),
    reservation: { taken: [...outcome.reservation.taken, ...(counted.ok ? counted.reservation.taken : [])] },
  }
}

function toRequests(limits: readonly LimitObligation[], at: number): readonly LimitRequest[] {
  return limits.map(limit => reservationOf(limit, at))
}

function limitAt(limits: readonly LimitObligation[], index: number): LimitObligation {
  const limit = limits[index]
  if (!limit) throw new Error('The store refused a limit that it was not asked for')
  return limit
}
