import type { Code, Decision, Effect, Obligation, Reason, ShadowDecision } from '@/lib/policy'

/** Codes of the record: the kernel's, and a bearer that names nobody. */
export type RecordCode = Code | 'unauthenticated'

/** What the enforcement point decided, whoever said it: the kernel, a grant, a definition, a store out of reach. */
export interface CallDecision {
  readonly effect: Effect
  readonly code: RecordCode | null
  readonly message: string
  readonly reasons: readonly Reason[]
  readonly obligations: readonly Obligation[]
  readonly shadow: ShadowDecision | null
  /** What the caller is told: when to come back. */
  readonly retryAfterSeconds?: number
}

/** A refusal that no rule made. `rule` stands in parentheses, as the kernel's own built-in ones do. */
export function refusedBy(rule: string, code: RecordCode, message: string): CallDecision {
  const reason: Reason = {
    policy: '',
    rule,
    pointer: '',
    line: 0,
    effect: 'deny',
    code: code === 'unauthenticated' ? null : code,
    message,
  }
  return { effect: 'deny', code, message, reasons: [reason], obligations: [], shadow: null }
}

export function callDecisionOf(decision: Decision): CallDecision {
  const { effect, code, message, reasons, obligations, shadow } = decision
  return { effect, code, message, reasons, obligations, shadow }
}

/** What follows a call that was allowed is allowed with it. */
export function followingCall(): CallDecision {
  const { reasons, ...rest } = refusedBy('(follows)', 'not_available', 'It follows a call that was allowed.')
  const allowed = reasons.map((reason): Reason => ({ ...reason, effect: 'allow', code: null }))
  return { ...rest, effect: 'allow', code: null, message: '', reasons: allowed }
}
