import { describe, expect, test } from 'vitest'
import { isSearch, type RecordFilter, readTyped, writeFilter } from './model'
import { parseFilter, type SearchParameters } from './parse'

const day = { preset: '24h' } as const

function parametersOf(filter: RecordFilter): SearchParameters {
  const written = writeFilter(filter)
  return Object.fromEntries([...new Set(written.keys())].map(key => [key, written.getAll(key)]))
}

describe('a filter lives in the address', () => {
  test.each<[name: string, filter: RecordFilter]>([
    ['nothing', { conditions: [], range: day }],
    ['one value', { conditions: [{ field: 'tool', operator: 'is', values: ['workflow_interact'] }], range: day }],
    ['any of', { conditions: [{ field: 'effect', operator: 'is', values: ['deny', 'limited'] }], range: day }],
    ['not', { conditions: [{ field: 'identity', operator: 'not', values: ['a b&c=d'] }], range: day }],
    ['none', { conditions: [{ field: 'rule', operator: 'is', values: [''] }], range: day }],
    [
      'from and to',
      { conditions: [], range: { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-02T00:00:00Z') } },
    ],
  ])('%s comes back as it was written', (_, filter) => {
    expect(parseFilter(parametersOf(filter), { preset: '1h' })).toEqual({ filter, problems: [] })
  })
})

describe('what cannot be read is left out and named', () => {
  test.each<[name: string, parameters: SearchParameters, problem: RegExp]>([
    ['effect', { effect: 'denied' }, /"denied" is no value of effect/],
    ['risk', { risk: 'severe' }, /"severe" is no value of risk/],
    ['a value that Postgres cannot take', { tool: 'a\u0000b' }, /no value of tool/],
    ['range', { range: '2y' }, /"2y" is no range/],
    ['instants', { from: 'yesterday', to: 'today' }, /ISO 8601/],
    ['to before from', { from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }, /from before to/],
    ['too long a span', { from: '2020-01-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }, /at most 92 days/],
    ['too many values', { tool: Array.from({ length: 21 }, (_, n) => `t${n}`) }, /first 20 values/],
  ])('%s', (_, parameters, problem) => {
    const { problems } = parseFilter(parameters, day)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  test('and the rest still filters', () => {
    const { filter } = parseFilter({ effect: ['denied', 'deny'], range: 'x' }, day)
    expect(filter).toEqual({ conditions: [{ field: 'effect', operator: 'is', values: ['deny'] }], range: day })
  })
})

describe('what is typed or searched', () => {
  test.each([
    ['args.executionId:abc', { name: 'args.executionId', value: 'abc' }],
    ['args.items.*.id: a b ', { name: 'args.items.*.id', value: 'a b' }],
    ['tool:kubectl_delete', { name: 'tool', value: 'kubectl_delete' }],
    ['-tool:kubectl_get', { name: 'tool.not', value: 'kubectl_get' }],
    ['identity:"ops agent"', { name: 'identity', value: 'ops agent' }],
    ['https://example.org', { name: 'text', value: 'https://example.org' }],
    ['two words', { name: 'text', value: 'two words' }],
    ['args:abc', { name: 'text', value: 'args:abc' }],
    ['  ', null],
  ])('%s', (text, condition) => {
    expect(readTyped(text)).toEqual(condition)
  })

  test('goes through the address and back', () => {
    const { filter, problems } = parseFilter({ 'args.executionId': ['abc', '7'], text: 'two words' }, { preset: '24h' })
    expect(problems).toEqual([])
    expect(isSearch(filter)).toBe(true)
    const again = parseFilter(parametersOf(filter), { preset: '1h' })
    expect(again.filter).toEqual(filter)
  })

  test.each([
    ['args.', 'x'],
    ['args.a..b', 'x'],
    ['args.*', 'x'],
    [`args.${'a.'.repeat(20)}b`, 'x'],
    ['text', 'ab'],
  ])('%s=%s does not filter, and the page says so', (name, value) => {
    const { filter, problems } = parseFilter({ [name]: value }, { preset: '24h' })
    expect([filter.conditions, problems]).toEqual([[], [expect.stringContaining('does not filter')]])
  })
})
