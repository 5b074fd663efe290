import type { Condition, Entry, Rule } from '../document'
import { scopeOf } from '../paths'

/**
 * The conditions that are a limit and no comparison: `lte` or `lt` on a counter of the same rule's `state`. The store
 * decides them when the call is reserved.
 */
export function boundedCounters(rule: Rule, entry: Entry): ReadonlySet<Condition> {
  const counted = new Set(
    rule.limits.filter(({ form }) => form === 'state').map(({ counter }) => `state.${scopeOf(entry.name)}.${counter}`),
  )
  return new Set(rule.conditions.filter(({ path, op }) => counted.has(path) && (op === 'lte' || op === 'lt')))
}
