import type { Code, Decision, LimitObligation, Reason } from '../decision'

/** What a counter store needs to take one limit (`CounterStore.reserve` in lib/limits). */
export interface LimitReservation {
  readonly key: string
  /** Epoch milliseconds; a whole multiple of the window since 1970 UTC. */
  readonly windowStart: number
  readonly windowSeconds: number
  /** Epoch milliseconds. */
  readonly resetsAt: number
  /** Integer millionths. */
  readonly max: number
  /** Integer millionths. */
  readonly cost: number
}

export interface Refusal {
  readonly effect: 'deny'
  readonly code: Code
  readonly rule: string
  readonly message: string
  readonly reasons: readonly Reason[]
}

/** The counter, window, bound and cost of a limit at a time (epoch milliseconds). */
export function reservationOf(obligation: LimitObligation, at: number): LimitReservation {
  const windowMs = obligation.windowSeconds * 1000
  const windowStart = Math.floor(at / windowMs) * windowMs
  return {
    key: keyOf(obligation),
    windowStart,
    windowSeconds: obligation.windowSeconds,
    resetsAt: windowStart + windowMs,
    max: obligation.maxMillionths,
    cost: obligation.costMillionths,
  }
}

const keys = new WeakMap<LimitObligation, string>()

function keyOf(obligation: LimitObligation): string {
  const known = keys.get(obligation)
  if (known !== undefined) return known
  const key = counterKey(obligation)
  keys.set(obligation, key)
  return key
}

/** A counter is named by document, entry, rule, window and subject, and so survives publishing. */
export function counterKey(
  parts: Pick<LimitObligation, 'policy' | 'entry' | 'counter' | 'windowSeconds' | 'per' | 'subject' | 'isShadow'>,
): string {
  const { policy, entry, counter, windowSeconds, per, subject, isShadow } = parts
  return JSON.stringify([policy, entry, counter, windowSeconds, per, subject, ...(isShadow ? ['shadow'] : [])])
}

/** What to answer when a store refused the limit. */
export function rateLimited(obligation: LimitObligation): Refusal {
  const { policy, rule, pointer, line, message } = obligation
  const code = 'rate_limited'
  return {
    effect: 'deny',
    code,
    rule,
    message,
    reasons: [{ policy, rule, pointer, line, effect: 'deny', code, message }],
  }
}

/** The decision, denied after all: reasons of the refusal, and only `redact` left to do. */
export function refuse(decision: Decision, refusal: Refusal): Decision {
  const obligations = decision.obligations.filter(obligation => obligation.kind === 'redact')
  return { ...decision, ...refusal, obligations, shadow: null }
}

/** The decision with a shadow limit refused: enforced as before, and recorded as what it would have been. */
export function refuseInShadow(decision: Decision, refusal: Refusal): Decision {
  if (decision.effect === 'deny' || decision.shadow?.effect === 'deny') return decision
  const { effect, code, rule, reasons } = refusal
  return { ...decision, shadow: { effect, code, rule, reasons } }
}
