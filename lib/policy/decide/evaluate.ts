import type { Call, CounterNeed, Counters, Decision, Obligation, Reason, Requirements } from '../decision'
import { sha256Hex } from '../definition'
import { canonicalJson } from '../json/write'
import type { CompiledPolicy, Plan } from './compiled-policy'
import { Context } from './context'
import { type Judgement, judge } from './judge'
import { decideOf, type Outcome } from './outcome'
import { planFor } from './plan'

/** Longer names (a resource's URI, say) are refused unread: each pattern would have to be tried on them. */
const MAX_NAME_LENGTH = 8192

/** The counters and the definition that `evaluate` needs for this call. */
export function requirements(policies: readonly CompiledPolicy[], call: Call): Requirements {
  const counters: CounterNeed[] = []
  let definition = false
  for (const policy of policies) {
    const plan = planFor(policy, call.tool.name)
    if (plan.needsDefinition) definition = true
    for (const { key, windowSeconds } of plan.counters) {
      const windowMs = windowSeconds * 1000
      counters.push({ key, windowSeconds, windowStart: Math.floor(call.at / windowMs) * windowMs })
    }
  }
  return { counters, definition }
}

/**
 * Decides a call: by the server's document, by the every-server document, by the grant's constraint, each whole, in the
 * order given. A function of its inputs; never throws; any doubt denies.
 */
export function evaluate(policies: readonly CompiledPolicy[], call: Call, counters?: Counters): Decision {
  const revision = revisionOf(policies)
  try {
    return decide(policies, call, counters, revision)
  } catch (error) {
    return brokenDecision(error instanceof Error ? error.message : String(error), revision)
  }
}

function decide(
  policies: readonly CompiledPolicy[],
  call: Call,
  counters: Counters | undefined,
  revision: string,
): Decision {
  let isConstrainedOnly = true
  for (const { internals, isConstraint } of policies) {
    if (internals.fault !== null) return brokenDecision(internals.fault, revision)
    if (!isConstraint) isConstrainedOnly = false
  }
  if (isConstrainedOnly) return noPolicy(revision)
  if (call.tool.name.length > MAX_NAME_LENGTH) {
    return brokenDecision(
      `A name has at most ${MAX_NAME_LENGTH} characters; this one has ${call.tool.name.length}.`,
      revision,
    )
  }
  const context = new Context(call, counters)
  const plans = policies.map(policy => planFor(policy, call.tool.name))
  const redact = plans.length === 1 ? (plans[0]?.redact ?? []) : plans.flatMap(plan => plan.redact)
  const judgement = judgeAll(policies, plans, context, false)
  const enforced = decideOf(judgement, context, redact)
  if (!plans.some(hasShadow)) return toDecision(enforced, enforced.obligations, revision, null)
  const imagined = judgeAll(policies, plans, context, true)
  const shadow = decideOf(imagined, context, redact)
  const isCounted = enforced.effect !== 'deny' && shadow.effect !== 'deny'
  const extra = isCounted ? imagined.limits.filter(({ isShadow }) => isShadow) : []
  return toDecision(
    enforced,
    [...enforced.obligations, ...extra],
    revision,
    shadow.effect === enforced.effect ? null : shadow,
  )
}

function hasShadow(plan: Plan): boolean {
  return plan.hasShadow
}

function judgeAll(
  policies: readonly CompiledPolicy[],
  plans: readonly Plan[],
  context: Context,
  withShadow: boolean,
): Judgement {
  const judgement: Judgement = { failures: [], approvals: [], speaking: [], limits: [], openings: [] }
  for (let i = 0; i < policies.length; i++) {
    judge(policies[i] as CompiledPolicy, plans[i] as Plan, context, withShadow, judgement)
  }
  return judgement
}

function toDecision(
  outcome: Outcome,
  obligations: readonly Obligation[],
  revision: string,
  shadow: Outcome | null,
): Decision {
  const { effect, code, rule, message, reasons, errors } = outcome
  return {
    effect,
    code,
    rule,
    message,
    reasons,
    obligations,
    errors,
    revision,
    shadow: shadow ? { effect: shadow.effect, code: shadow.code, rule: shadow.rule, reasons: shadow.reasons } : null,
  }
}

function noPolicy(revision: string): Decision {
  const message = 'No policy is published for this server, so each call is refused. Publish one.'
  return denial(
    { policy: '', rule: '(no policy)', pointer: '', line: 0, effect: 'deny', code: 'no_policy', message },
    revision,
  )
}

function brokenDecision(message: string, revision: string): Decision {
  const reason: Reason = {
    policy: '',
    rule: '(policy)',
    pointer: '',
    line: 0,
    effect: 'deny',
    code: 'policy_error',
    message,
  }
  const { policy, rule, pointer, line } = reason
  return { ...denial(reason, revision), errors: [{ policy, rule, pointer, line, path: '', type: 'fault', message }] }
}

function denial(reason: Reason, revision: string): Decision {
  const { code, rule, message } = reason
  return { effect: 'deny', code, rule, message, reasons: [reason], obligations: [], errors: [], revision, shadow: null }
}

/** What `tools/list` does with a name: `hidden` by a document, `unnamed` where a default denies it, else `listed`. */
export function visibility(policies: readonly CompiledPolicy[], name: string): 'listed' | 'hidden' | 'unnamed' {
  if (policies.every(({ isConstraint }) => isConstraint) || name.length > MAX_NAME_LENGTH) return 'unnamed'
  const plans = policies.map(policy => planFor(policy, name))
  if (plans.some(({ hiddenBy }) => hiddenBy !== null)) return 'hidden'
  const isUnnamed = policies.some(
    ({ document }, i) => document.default.effect === 'deny' && !plans[i]?.enforced.isNamed,
  )
  return isUnnamed ? 'unnamed' : 'listed'
}

const revisions = new WeakMap<readonly CompiledPolicy[], string>()

/** The revision of a set of documents; one document's is its digest. Pass the same array again to have it cached. */
export function revisionOf(policies: readonly CompiledPolicy[]): string {
  const [only] = policies
  if (policies.length === 1 && only) return only.digest
  const known = revisions.get(policies)
  if (known !== undefined) return known
  const revision = sha256Hex(canonicalJson(policies.map(({ name, digest }) => [name, digest])))
  revisions.set(policies, revision)
  return revision
}
