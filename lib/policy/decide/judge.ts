import type { Code, LimitObligation, Reason } from '../decision'
import type { ToolDefinition } from '../definition'
import type { CompiledPolicy, CompiledRule, Plan, RuleReference } from './compiled-policy'
import type { Context } from './context'
import { BROKEN, FAILS } from './operators'
import { faultOfArguments } from './validate-arguments'

/** Why a policy refuses; the reason is written only when it is needed. */
export interface Failure {
  readonly code: Code
  readonly reference: RuleReference
  /** null for `(hidden)` and the default. */
  readonly compiled: CompiledRule | null
  readonly detail: string | null
}

/** What the policies together came to, for one way of hearing shadow rules. */
export interface Judgement {
  readonly failures: Failure[]
  readonly approvals: CompiledRule[]
  readonly speaking: CompiledRule[]
  readonly limits: LimitObligation[]
  /** What opened, one for each policy. */
  readonly openings: Reason[]
}

/** Judges the call by one policy, whole: nothing ends it early, so that every failing rule is a reason. */
export function judge(
  policy: CompiledPolicy,
  plan: Plan,
  context: Context,
  withShadow: boolean,
  into: Judgement,
): void {
  if (plan.hiddenBy) fail(into, 'hidden', plan.hiddenBy)
  const firstRule = into.failures.length
  let opening: Reason | null = null
  for (const compiled of plan.rules) {
    if (compiled.isShadow && !withShadow) continue
    const spoken = compiled.when === null ? 1 : compiled.when(context)
    if (spoken === FAILS) continue
    into.speaking.push(compiled)
    if (spoken === BROKEN) {
      into.failures.push({ code: 'policy_error', reference: compiled.reference, compiled, detail: null })
      continue
    }
    opening ??= compiled.opening
    hear(compiled, policy, context, into)
  }
  const standing = withShadow ? plan.withShadow : plan.enforced
  const isOpen = standing.isNamed && (opening !== null || !standing.writesAllow)
  if (isOpen) into.openings.push(opening ?? (standing.opening as Reason))
  else if (policy.document.default.effect === 'allow') into.openings.push(policy.internals.opening)
  else
    into.failures.splice(firstRule, 0, {
      code: 'default_deny',
      reference: policy.internals.default,
      compiled: null,
      detail: null,
    })
}

/** A rule that speaks: its action, its conditions, its validation, its limits. */
function hear(compiled: CompiledRule, policy: CompiledPolicy, context: Context, into: Judgement): void {
  const { rule, reference } = compiled
  if (rule.action === 'deny') {
    into.failures.push({ code: 'policy_denied', reference, compiled, detail: null })
    return
  }
  if (rule.action === 'require_approval') into.approvals.push(compiled)
  if (compiled.conditions) {
    const truth = compiled.conditions(context)
    if (truth === BROKEN) into.failures.push({ code: 'policy_error', reference, compiled, detail: null })
    else if (truth === FAILS) into.failures.push({ code: 'policy_denied', reference, compiled, detail: null })
  }
  if (rule.validate) {
    const detail = faultOfArguments(context.call.args, rule.validate, definitionFor(policy, context))
    if (detail !== null) into.failures.push({ code: 'invalid_arguments', reference, compiled, detail })
  }
  for (const makeObligation of compiled.limits) {
    const outcome = makeObligation(context)
    if ('fault' in outcome) into.failures.push({ code: 'policy_denied', reference, compiled, detail: outcome.fault })
    else into.limits.push(outcome)
  }
}

function definitionFor({ internals }: CompiledPolicy, { call }: Context): ToolDefinition | null {
  if (call.definition !== undefined) return call.definition
  return internals.definitions.get(call.tool.name) ?? null
}

function fail(into: Judgement, code: Code, reference: RuleReference): void {
  into.failures.push({ code, reference, compiled: null, detail: null })
}
