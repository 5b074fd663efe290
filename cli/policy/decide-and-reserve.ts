import type { CounterStore, Reservation } from '@/lib/limits/model'
import {
  type Call,
  type CompiledPolicy,
  type Decision,
  evaluate,
  rateLimited,
  refuse,
  requirements,
  reservationOf,
} from '@/lib/policy'

/** Decides a call and takes its limits, as an enforcement point does. */
export async function decideAndReserve(
  policies: readonly CompiledPolicy[],
  call: Call,
  store: CounterStore,
): Promise<{ decision: Decision; reservation: Reservation | null }> {
  const counters = await store.read(requirements(policies, call).counters)
  const decision = evaluate(policies, call, counters)
  if (decision.effect !== 'allow') return { decision, reservation: null }
  const limits = decision.obligations
    .filter(obligation => obligation.kind === 'limit')
    .filter(({ isShadow }) => !isShadow)
  const outcome = await store.reserve(
    limits.map(limit => reservationOf(limit, call.at)),
    call.at,
  )
  if (outcome.ok) return { decision, reservation: outcome.reservation }
  const refused = limits[outcome.refused.index]
  if (!refused) throw new Error('the store refused a limit that it was not asked for')
  return { decision: refuse(decision, rateLimited(refused)), reservation: null }
}
