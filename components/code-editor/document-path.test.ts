import { describe, expect, it } from 'vitest'
import { placeOf } from './document-path'
import { suggestionsAt } from './vocabulary'

const tools = [
  {
    name: 'workflow_interact',
    inputSchema: { type: 'object', properties: { action: { type: 'string' }, executionId: { type: 'string' } } },
  },
  { name: 'mistral_chat', inputSchema: { type: 'object', properties: { model: { type: 'string' } } } },
]

const head = 'tools:\n  workflow_interact:\n    rules:\n'

// The text ends at the cursor.
const places: [string, string, string[], string | null, string[]][] = [
  ['a key at the top', 'ver', [], null, ['version', 'default']],
  ['the value of default', 'default: ', [], 'default', ['deny', 'allow']],
  ['a tool', 'default: deny\ntools:\n  work', ['tools'], null, ['workflow_interact', 'mistral_chat', '"*"']],
  [
    'a key of an entry',
    'tools:\n  workflow_interact:\n    ru',
    ['tools', 'workflow_interact'],
    null,
    ['rules', 'hide'],
  ],
  ['a key behind a dash', `${head}      - ac`, ['tools', 'workflow_interact', 'rules'], null, ['action', 'when']],
  [
    'a second key of a rule',
    `${head}      - action: allow\n        rat`,
    ['tools', 'workflow_interact', 'rules'],
    null,
    ['rate_limit'],
  ],
  [
    'a list at the column of its key',
    'tools:\n  workflow_interact:\n    rules:\n    - action: allow\n      va',
    ['tools', 'workflow_interact', 'rules'],
    null,
    ['validate'],
  ],
  ['an effect', `${head}      - action: re`, ['tools', 'workflow_interact', 'rules'], 'action', ['require_approval']],
  [
    'a key in braces',
    `${head}      - action: allow\n        rate_limit: { max: 10, wi`,
    ['tools', 'workflow_interact', 'rules', 'rate_limit'],
    null,
    ['window', 'per'],
  ],
  [
    'a value in braces',
    `${head}      - rate_limit: { max: 10, per: ses`,
    ['tools', 'workflow_interact', 'rules', 'rate_limit'],
    'per',
    ['session', 'identity'],
  ],
  [
    'an argument path of the entry’s own tool',
    `${head}      - when:\n          - path: args.`,
    ['tools', 'workflow_interact', 'rules', 'when'],
    'path',
    ['args.action', 'args.executionId', 'request.hour'],
  ],
  [
    'an operator in braces in brackets',
    `${head}      - when: [{ path: args.action, op: n`,
    ['tools', 'workflow_interact', 'rules', 'when'],
    'op',
    ['neq', 'not_in'],
  ],
  ['a hidden name', 'hide:\n  - work', [], 'hide', ['workflow_interact']],
  ['a hidden name in brackets', 'hide: ["workflow_interact", mi', [], 'hide', ['mistral_chat']],
  ['a tool in a test', 'tests:\n  - name: x\n    call: wo', ['tests'], 'call', ['workflow_interact']],
]

describe('where the cursor stands', () => {
  it.each(places)('%s', (_, text, path, key, offered) => {
    const place = placeOf(text.split('\n'))
    expect([place.path, place.key]).toEqual([path, key])
    const labels = suggestionsAt(place, tools).map(suggestion => suggestion.label)
    for (const label of offered) expect(labels).toContain(label)
  })

  it('offers the arguments of the entry’s own tool, and of no other', () => {
    const place = placeOf(`${head}      - when:\n          - path: args.`.split('\n'))
    expect(suggestionsAt(place, tools).map(one => one.label)).not.toContain('args.model')
  })

  it('finds the start of the word', () => {
    expect(placeOf(['default: de']).from).toBe(9)
    expect(placeOf(['rate_limit: { max: 10, wi']).from).toBe(23)
    expect(placeOf(['      - act']).from).toBe(8)
  })
})
