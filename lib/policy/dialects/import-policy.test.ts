import { describe, expect, it } from 'vitest'
import { type Call, compile, type Dialect, evaluate, importPolicy, parse } from '../index'

function imported(text: string, from?: Dialect) {
  const { text: result, diagnostics, dialect } = importPolicy(text, from)
  const told = diagnostics.map(({ severity, range, code }) => `${severity} ${range.start.line} ${code}`)
  return { result, told, dialect }
}

function effectOf(text: string | null, tool: string, args: Call['args']) {
  const { document, diagnostics } = parse(text ?? '')
  if (!document) throw new Error(JSON.stringify(diagnostics))
  const call: Call = { method: 'tools/call', tool: { name: tool }, args, identity: null, server: { name: 's' }, at: 0 }
  return evaluate([compile(document, { name: 's' })], call).effect
}

const B = `version: "1"
tools:
  create_refund:
    rules:
      - name: big
        action: require_approval
        conditions: [{ path: args.amount, op: gt, value: 100 }]
        approval_timeout: 30m
      - name: cap
        spend: args.amount
        spend_limit: 1000/day
`

const C2 = `tools:
  query:
    rules:
      - { action: deny, when: { args.query: "(?i)drop" }, reason: no drops }
      - { action: allow, when: { args.query: "^SELECT" } }
      - { action: deny }
`

const D = `{
  "version": "1",
  "default": "deny",
  "hide": ["delete_account"],
  "all_tools": { "limits": [{ "window": "minute", "max": 30 }] },
  "tools": {
    "list_customers": {},
    "create_charge": {
      "require": [{ "path": "args.reason", "op": "exists", "value": true }],
      "deny_if": [{ "path": "args.amount", "op": "gt", "value": 10000 }],
      "limits": [{ "counter": "spend", "window": "day", "max": 100000, "increment_from": "args.amount" }]
    }
  }
}`

describe('importPolicy', () => {
  it.each<[string, string, Dialect | null]>([
    [
      'A by version and conditions',
      'version: "1"\ntools: { t: { rules: [{ name: r, on_deny: no, action: deny }] } }',
      'A',
    ],
    ['B by approval_timeout', B, 'B'],
    [
      'B by conditions on an approval',
      'tools: { t: { rules: [{ action: require_approval, conditions: [{ path: args.a, op: eq, value: 1 }] }] } }',
      'B',
    ],
    ['C by no version', 'tools: { t: { rules: [{ action: allow, rate_limit: { max: 1, window: 60 } }] } }', 'C'],
    ['C′ by patterns in when', C2, 'C2'],
    ['D by deny_if', D, 'D'],
    [
      'no A by what only version 1 has',
      'version: "1"\ndefault: deny\ntools: { "t*": { rules: [{ action: deny, when: [{ path: args.a, op: eq, value: 1 }] }] } }',
      'C',
    ],
    ['nothing', 'rules: []', null],
  ])('recognises %s', (_name, text, dialect) => {
    expect(imported(text).dialect).toBe(dialect)
  })

  it('turns the conditions of an approval in B into its trigger, and spending into a budget', () => {
    const { result, told } = imported(B)
    expect(told).toEqual(['info 7 translated', 'info 8 translated', 'info 11 translated', 'info 1 translated'])
    expect(effectOf(result, 'create_refund', { amount: 50 })).toBe('allow')
    expect(effectOf(result, 'create_refund', { amount: 500 })).toBe('require_approval')
    expect(effectOf(result, 'create_refund', { amount: '500' })).toBe('deny')
    expect(effectOf(result, 'create_refund', {})).toBe('deny')
  })

  it('keeps what the first match decides in C′ where that is the same in any order', () => {
    const { result } = imported(C2)
    expect(effectOf(result, 'query', { query: 'SELECT 1' })).toBe('allow')
    expect(effectOf(result, 'query', { query: 'SELECT 1; DROP TABLE x' })).toBe('deny')
    expect(effectOf(result, 'query', { query: 'UPDATE x' })).toBe('deny')
    expect(effectOf(result, 'query', {})).toBe('deny')
  })

  it('denies in C′ what no rule matches, also where no rule allows', () => {
    const { result, told } = imported(
      'default: deny\ntools:\n  a: { rules: [{ action: allow, when: { args.q: x } }] }\n  t: { rules: [{ action: deny, when: { args.q: x } }] }\n  u: null',
    )
    expect(told).toContain('info 4 translated')
    expect(['a', 't', 'u'].map(tool => effectOf(result, tool, { q: 'y' }))).toEqual(['deny', 'deny', 'deny'])
    expect(effectOf(result, 'a', { q: 'x' })).toBe('allow')
  })

  it('translates D, with limits shared rather than for each grant', () => {
    const { result } = imported(D)
    expect(result).toContain('per: server')
    expect(effectOf(result, 'list_customers', {})).toBe('allow')
    expect(effectOf(result, 'create_charge', { reason: 'x', amount: 10 })).toBe('allow')
    expect(effectOf(result, 'create_charge', { amount: 10 })).toBe('deny')
    expect(effectOf(result, 'create_charge', { reason: 'x', amount: 10001 })).toBe('deny')
    expect(effectOf(result, 'delete_account', {})).toBe('deny')
    expect(effectOf(result, 'other', {})).toBe('deny')
  })

  it.each([
    ['a name that is literal in A', 'version: "1"\ntools: { "t*": { rules: [] } }', 'A', 'error 2 not_expressible'],
    [
      'a mode in A',
      'version: "1"\ntools: { t: { rules: [{ name: r, action: deny, mode: shadow }] } }',
      'A',
      'error 2 not_expressible',
    ],
    [
      'a trigger in A',
      'version: "1"\ntools: { t: { rules: [{ name: r, action: deny, when: [{ path: args.a, op: eq, value: 1 }] }] } }',
      'A',
      'error 2 not_expressible',
    ],
    [
      'a mode in C′',
      'tools: { t: { rules: [{ action: deny, mode: shadow, when: { args.l: a } }] } }',
      'C2',
      'error 1 not_expressible',
    ],
    [
      'a star that is a literal key in A',
      'version: "1"\ntools: { t: { rules: [{ name: r, conditions: [{ path: args.l.*.x, op: eq, value: 1 }] }] } }',
      'A',
      'error 2 not_expressible',
    ],
    [
      'a star that is a literal key in B',
      'version: "1"\ntools: { t: { rules: [{ name: r, action: require_approval, conditions: [{ path: args.l.*.x, op: eq, value: 1 }] }] } }',
      'B',
      'error 2 not_expressible',
    ],
    [
      'a star that is a literal key in C′',
      'tools: { t: { rules: [{ action: deny, when: { args.l.*: a } }] } }',
      'C2',
      'error 1 not_expressible',
    ],
    [
      'a star that is a literal key in D',
      '{"default":"deny","tools":{"t":{"deny_if":[{"path":"args.l.*","op":"eq","value":1}]}}}',
      'D',
      'error 1 not_expressible',
    ],
    ['a hidden name that is literal in A', 'version: "1"\nhide: ["t?"]', 'A', 'error 2 not_expressible'],
    [
      'a denial after an allow in C′',
      'tools:\n  t:\n    rules:\n      - { action: allow, when: { args.q: a } }\n      - { action: deny, when: { args.q: b } }',
      'C2',
      'error 5 not_expressible',
    ],
    [
      'an allow of every tool in C′',
      'tools:\n  "*":\n    rules:\n      - { action: allow, when: { args.q: a } }',
      'C2',
      'error 3 not_expressible',
    ],
    [
      'a pattern that RE2 does not know in C′',
      'tools:\n  t:\n    rules:\n      - { action: deny, when: { args.q: "(?=a)" } }',
      'C2',
      'error 4 not_expressible',
    ],
    [
      'a closing denial in C′ under a default that allows',
      'default: allow\ntools:\n  t:\n    rules:\n      - { action: allow, when: { args.q: a } }\n      - { action: deny }',
      'C2',
      'error 6 not_expressible',
    ],
    [
      'an unknown key in D',
      '{"version":"1","default":"deny","tools":{"t":{"deny_if":[],"allow_if":[]}}}',
      'D',
      'error 1 not_expressible',
    ],
    [
      'a limit of an unknown form in D',
      '{"version":"1","default":"deny","tools":{"t":{"limits":[{"max":1,"window":"day","scope":"x"}]}}}',
      'D',
      'error 1 not_expressible',
    ],
    ['D without a default', '{"version":"1","tools":{"t":{"deny_if":[]}}}', 'D', 'error 1 not_expressible'],
    [
      'spending of an unknown form in B',
      'version: "1"\ntools: { t: { rules: [{ name: r, spend: { usd: 5 } }] } }',
      'B',
      'error 2 not_expressible',
    ],
    [
      'an unknown key anywhere',
      'version: "1"\ntools: { t: { rules: [{ name: r, action: deny, wen: [] }] } }',
      'A',
      'error 2 unknown_key',
    ],
  ] as const)('refuses %s', (_name, text, from, expected) => {
    const { result, told } = imported(text, from)
    expect(result).toBeNull()
    expect(told).toContain(expected)
  })
})
