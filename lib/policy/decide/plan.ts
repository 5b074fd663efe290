import { globMatches, isPattern } from '../names'
import { scopeOf } from '../paths'
import { sharedLimits } from './compile'
import { sharedCounterKey } from './compile-limit'
import {
  type CompiledPolicy,
  type CompiledRule,
  openingOf,
  type Plan,
  type PolicyInternals,
  type RuleReference,
  type Standing,
} from './compiled-policy'

/** Names come from callers, so only so many are kept. */
const MAX_PLANS = 4096
const MAX_KEPT_NAME = 256

/** What the policy says of this name, kept after the first call. */
export function planFor(policy: CompiledPolicy, name: string): Plan {
  const { plans } = policy.internals
  const known = plans.get(name)
  if (known) return known
  const plan = makePlan(policy, name)
  if (name.length > MAX_KEPT_NAME) return plan
  if (plans.size >= MAX_PLANS) plans.clear()
  plans.set(name, plan)
  return plan
}

function makePlan(policy: CompiledPolicy, name: string): Plan {
  const matching = inOrder(policy.internals.entries.filter(({ entry }) => globMatches(entry.name, name)))
  const rules = matching.flatMap(entry => entry.rules)
  return {
    hiddenBy: findHidden(policy, matching, name),
    rules,
    hasShadow: rules.some(({ isShadow }) => isShadow),
    enforced: standingOf(policy, matching, false),
    withShadow: standingOf(policy, matching, true),
    redact: policy.document.redact,
    counters: countersReadBy(policy, rules),
    needsDefinition: rules.some(needsDefinition),
  }
}

type Entries = PolicyInternals['entries']

/** Its own entry, then the globs as written, then `*`. */
function inOrder(entries: Entries): Entries {
  const rank = (name: string) => (name === '*' ? 2 : isPattern(name) ? 1 : 0)
  return entries.toSorted((one, other) => rank(one.entry.name) - rank(other.entry.name))
}

function findHidden({ name: policy, document }: CompiledPolicy, matching: Entries, name: string): RuleReference | null {
  const found =
    document.hide.find(hidden => globMatches(hidden.name, name)) ?? matching.find(({ entry }) => entry.hide)?.entry
  return found ? { policy, rule: '(hidden)', pointer: found.pointer, line: found.line } : null
}

/** `*` never names and never opens; a shadow rule, where it is not heard, does neither. */
function standingOf({ name: policy }: CompiledPolicy, matching: Entries, withShadow: boolean): Standing {
  const naming = matching.filter(({ entry, rules }) => {
    if (entry.name === '*') return false
    return withShadow || rules.length === 0 || rules.some(({ isShadow }) => !isShadow)
  })
  const [first] = naming
  return {
    isNamed: first !== undefined,
    writesAllow: naming.some(({ rules }) =>
      rules.some(rule => rule.opening !== null && (withShadow || !rule.isShadow)),
    ),
    opening: first
      ? openingOf({ policy, rule: '(named)', pointer: first.entry.pointer, line: first.entry.line })
      : null,
  }
}

function needsDefinition({ validate, parts }: CompiledRule): boolean {
  if (validate && (validate.requiredArgs || validate.schema || validate.unknownArgs)) return true
  return parts.some(({ parsed }) => parsed.root === 'tool' && parsed.steps[0] !== 'name')
}

function countersReadBy(policy: CompiledPolicy, rules: readonly CompiledRule[]): Plan['counters'] {
  const read = new Set(
    rules.flatMap(({ parts }) =>
      parts.filter(({ parsed }) => parsed.root === 'state').map(({ condition }) => condition.path),
    ),
  )
  if (read.size === 0) return []
  return sharedLimits(policy.document)
    .filter(({ entry, limit }) => read.has(`state.${scopeOf(entry.name)}.${limit.counter}`))
    .map(({ entry, rule, limit }) => ({
      key: sharedCounterKey(policy.name, entry, rule, limit),
      windowSeconds: limit.windowSeconds,
    }))
}
