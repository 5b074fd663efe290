import { asMapping, type Dialect, rulesOf } from './translation'

/** Tells the dialect by structure; null when it is none of the five. */
export function recognize(value: unknown): Dialect | null {
  const root = asMapping(value)
  if (!root) return null
  const rules = rulesOf(root).map(({ rule }) => rule)
  const entries = Object.values(asMapping(root.tools) ?? {}).map(asMapping)
  if ('all_tools' in root || entries.some(entry => entry && ['limits', 'deny_if', 'require'].some(key => key in entry)))
    return 'D'
  if (rules.some(rule => asMapping(rule.when))) return 'C2'
  if ('approvals' in root || rules.some(isB)) return 'B'
  if ('version' in root && !isNative(root, rules)) return 'A'
  return 'tools' in root || 'hide' in root ? 'C' : null
}

function isB(rule: Record<string, unknown>): boolean {
  if ('approval_timeout' in rule || 'spend' in rule || 'spend_limit' in rule) return true
  return rule.action === 'require_approval' && 'conditions' in rule
}

const NATIVE_KEYS = ['when', 'validate', 'reason', 'mode', 'approval', 'redact']

/** What only version 1 and the catalogue form have; a document with it was never read by another program. */
function isNative(root: Record<string, unknown>, rules: readonly Record<string, unknown>[]): boolean {
  if ('timezone' in root || 'redact' in root || 'tests' in root) return true
  return rules.some(
    rule => rule.action === 'allow' || typeof rule.rate_limit === 'object' || NATIVE_KEYS.some(key => key in rule),
  )
}
