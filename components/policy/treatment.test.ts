import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile, evaluate, parse, type ToolDefinition } from '@/lib/policy/index'
import { type NamedDocument, type Treatment, treatmentOf } from './treatment'
import { treatmentInWords } from './treatment-cell'

function documentOf(text: string, name = 'mistral'): NamedDocument {
  const { document, diagnostics } = parse(text)
  if (!document) throw new Error(`${diagnostics.map(one => one.message).join('\n')}\n${text}`)
  return { name, document }
}

const interact: ToolDefinition = { name: 'workflow_interact', category: 'Execute', risk: 'high', inputSchema: {} }
const circumstances = { server: 'mistral' }
const read = (text: string, tool = interact): Treatment => treatmentOf([documentOf(text)], tool, circumstances)

const rules = (...lines: string[]) => `default: deny\ntools:\n  workflow_interact:\n    rules:\n${lines.join('\n')}`

// Text, kind, lines cited, words.
const table: [string, string, string, number[], string][] = [
  ['an open tool', rules('      - action: allow'), 'allow', [5], ''],
  [
    'a limit with required arguments',
    rules(
      '      - action: allow',
      '        rate_limit: { max: 10, window: 60 }',
      '        validate: { required_args: true }',
    ),
    'limited',
    [5],
    '10 a minute, each session; required arguments',
  ],
  [
    'a limit in the string form',
    rules('      - action: allow', '        rate_limit: 5/hour'),
    'limited',
    [5],
    '5 an hour, in all',
  ],
  [
    'a budget',
    rules('      - action: allow', '        rate_limit: { max: 1500, window: 15m, per: identity, cost: args.amount }'),
    'limited',
    [5],
    'args.amount up to 1,500 in 15\u2009min, each identity',
  ],
  ['a deny with a reason', rules('      - action: deny', '        reason: Not here.'), 'deny', [5], 'Not here.'],
  [
    'a deny beside an allow',
    rules('      - action: allow', '      - name: never', '        action: deny'),
    'deny',
    [6],
    'never',
  ],
  ['an approval', rules('      - action: require_approval'), 'approval', [5], 'every call'],
  [
    'a deny of some calls',
    rules(
      '      - action: allow',
      '      - name: no signals',
      '        action: deny',
      '        when: [{ path: args.action, op: eq, value: signal }]',
    ),
    'by_arguments',
    [5, 6],
    'no signals',
  ],
  [
    'an allow of some calls only',
    rules('      - action: allow', '        when: [{ path: args.action, op: eq, value: query }]'),
    'by_arguments',
    [5],
    'when args.action eq query',
  ],
  [
    'a condition',
    rules('      - action: allow', '        conditions: [{ path: args.namespace, op: eq, value: ops }]'),
    'allow',
    [5],
    'only args.namespace eq ops',
  ],
  ['a hidden name', 'default: deny\nhide: ["workflow_*"]\ntools:\n  workflow_interact: null\n', 'hidden', [2], ''],
  ['an entry with nothing under it', 'default: deny\ntools:\n  workflow_interact: null\n', 'allow', [3], ''],
  ['a name that no entry has', 'default: deny\ntools:\n  other: null\n', 'deny', [1], 'no entry names it'],
  ['an open default', 'default: allow\ntools: {}\n', 'allow', [1], ''],
  [
    '"*", which never opens',
    'default: deny\ntools:\n  "*":\n    rules:\n      - action: allow\n',
    'deny',
    [1],
    'no entry names it',
  ],
  [
    'a rule in shadow, which does nothing',
    rules('      - action: allow', '      - name: later', '        action: deny', '        mode: shadow'),
    'allow',
    [5],
    '',
  ],
  [
    'a rule for a category that it has',
    rules(
      '      - action: allow',
      '      - name: no execution',
      '        action: deny',
      '        when: [{ path: tool.category, op: eq, value: Execute }]',
    ),
    'deny',
    [6],
    'no execution',
  ],
  [
    'a rule for a category that it has not',
    rules(
      '      - action: allow',
      '      - action: deny',
      '        when: [{ path: tool.category, op: eq, value: Financial }]',
    ),
    'allow',
    [5],
    '',
  ],
]

describe('what a text does with a tool', () => {
  it.each(table)('%s', (_, text, kind, lines, words) => {
    const treatment = read(text)
    expect([treatment.kind, treatment.rules.map(rule => rule.line), treatmentInWords(treatment)]).toEqual([
      kind,
      lines,
      words,
    ])
  })

  it('is a refusal where there is no policy', () => {
    expect(treatmentOf([], interact, circumstances)).toMatchObject({ kind: 'deny', words: ['no policy'] })
  })

  it('is the stricter word of two documents, and cites the one that says it', () => {
    const own = documentOf(rules('      - action: allow', '        rate_limit: 5/hour'))
    const every = (text: string) => documentOf(text, '*')
    const both = (text: string) => treatmentOf([own, every(text)], interact, circumstances)
    expect(both('default: allow\n')).toMatchObject({ kind: 'limited', rules: [{ policy: 'mistral', line: 5 }] })
    expect(both('default: deny\n')).toMatchObject({ kind: 'deny', rules: [{ policy: '*', line: 1 }] })
    const approval = 'default: allow\ntools:\n  "*":\n    rules:\n      - action: require_approval\n'
    expect(both(approval)).toMatchObject({ kind: 'approval', rules: [{ policy: 'mistral' }, { policy: '*', line: 5 }] })
  })
})

const condition = fc.constantFrom(
  { path: 'args.n', op: 'gt', value: 3 },
  { path: 'args.action', op: 'eq', value: 'query' },
  { path: 'args.action', op: 'exists', value: true },
  { path: 'tool.category', op: 'eq', value: 'Execute' },
  { path: 'tool.risk', op: 'in', value: ['low'] },
  { path: 'server.name', op: 'neq', value: 'mistral' },
)
const rule = fc.record(
  {
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    action: fc.constantFrom('allow', 'deny', 'require_approval'),
    when: fc.array(condition, { minLength: 1, maxLength: 2 }),
    mode: fc.constantFrom('enforce', 'shadow'),
  },
  { requiredKeys: ['name', 'action'] },
)
const text = fc
  .record({
    default: fc.constantFrom('allow', 'deny'),
    hide: fc.constantFrom<string[]>([], ['workflow_*'], ['other']),
    tools: fc.dictionary(
      fc.constantFrom('workflow_interact', 'workflow_*', '*', 'other'),
      fc.record({ rules: fc.array(rule, { maxLength: 3 }) }),
    ),
  })
  .map(value => JSON.stringify(value))
const args = fc.record(
  { n: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant('x')), action: fc.constantFrom('query', 'signal') },
  { requiredKeys: [] },
)

describe('against the decisions of the kernel', () => {
  const says: Record<Treatment['kind'], readonly string[]> = {
    allow: ['allow'],
    limited: ['allow'],
    hidden: ['deny'],
    deny: ['deny'],
    approval: ['require_approval'],
    by_arguments: ['allow', 'deny', 'require_approval'],
  }

  it('never says what no call would find', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(text, args, (source, given) => {
        const { document } = parse(source)
        fc.pre(document !== null)
        const named = { name: 'mistral', document: document as NonNullable<typeof document> }
        const { kind } = treatmentOf([named], interact, circumstances)
        const decision = evaluate([compile(named.document, { name: 'mistral' })], {
          method: 'tools/call',
          tool: { name: interact.name, category: 'Execute', risk: 'high' },
          args: given,
          identity: null,
          server: { name: 'mistral' },
          at: 0,
        })
        seen.add(kind)
        expect(says[kind], `${kind} of ${source} with ${JSON.stringify(given)}`).toContain(decision.effect)
      }),
      { numRuns: 3_000 },
    )
    expect([...seen].sort()).toEqual(['allow', 'approval', 'by_arguments', 'deny', 'hidden'])
  })
})
