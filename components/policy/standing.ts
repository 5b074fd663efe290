import { compile, type Document, evaluate, type Operator, type Rule, type ToolDefinition } from '@/lib/policy/index'
import type { Circumstances } from './treatment'

/** Whether a rule speaks of every call to a tool, of none, or of some, by what is known before the call. */
export type Standing = 'always' | 'never' | 'sometimes'

/** Operators that take a value of any type; the others deny a call whose value they cannot take. */
const takesAnything: ReadonlySet<Operator> = new Set(['eq', 'neq', 'in', 'not_in', 'exists'])

/** Decides the conditions of `when` that only ask for the tool, the server or a known identity; the kernel judges them. */
export function speaks(rule: Rule, tool: ToolDefinition, circumstances: Circumstances): Standing {
  if (!rule.when) return 'always'
  const known = rule.when.filter(condition => isKnown(condition.path, circumstances))
  const open = rule.when.filter(condition => !isKnown(condition.path, circumstances))
  if (known.length === 0 || holds({ ...rule, when: known }, tool, circumstances))
    return open.length === 0 ? 'always' : 'sometimes'
  // Evaluation never stops early: an argument of the wrong type denies, though another condition fails.
  return open.every(condition => takesAnything.has(condition.op)) ? 'never' : 'sometimes'
}

function isKnown(path: string, circumstances: Circumstances): boolean {
  if (path.startsWith('tool.') || path === 'server.name') return true
  return path.startsWith('identity.') && circumstances.identity !== undefined
}

/** Asks the kernel by a document that denies when the trigger holds and allows otherwise. An error denies, as it would. */
function holds(rule: Rule, tool: ToolDefinition, circumstances: Circumstances): boolean {
  const { pointer, line, range } = rule
  const probe: Rule = {
    ...rule,
    action: 'deny',
    conditions: [],
    validate: null,
    limits: [],
    approval: null,
    mode: 'enforce',
  }
  const document: Document = {
    language: 1,
    isVersioned: true,
    description: null,
    timezone: null,
    default: { effect: 'allow', isWritten: true, pointer, line, range },
    hide: [],
    redact: [],
    entries: [{ name: tool.name, hide: false, rules: [probe], pointer, line, range }],
    tests: [],
  }
  const decision = evaluate([compile(document, { name: circumstances.server })], {
    method: 'tools/call',
    tool: {
      name: tool.name,
      ...(tool.category ? { category: tool.category } : {}),
      ...(tool.risk ? { risk: tool.risk } : {}),
      annotations: tool.annotations ?? {},
    },
    args: {},
    identity: circumstances.identity ?? null,
    server: { name: circumstances.server },
    at: 0,
  })
  return decision.effect !== 'allow'
}
