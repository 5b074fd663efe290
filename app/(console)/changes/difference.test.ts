import { expect, test } from 'vitest'
import { differenceOf, unchangedCount } from './difference'

test.each<[string, unknown, unknown, ReturnType<typeof differenceOf>]>([
  ['made', null, { name: 'a' }, [{ field: 'name', before: null, after: 'a' }]],
  ['removed', { name: 'a' }, null, [{ field: 'name', before: 'a', after: null }]],
  ['nothing', { a: 1, b: [1] }, { b: [1], a: 1 }, []],
  ['nested', { c: ['x'] }, { c: ['x', 'y'] }, [{ field: 'c', before: '[\n  "x"\n]', after: '[\n  "x",\n  "y"\n]' }]],
  ['to null', { until: '2026' }, { until: null }, [{ field: 'until', before: '2026', after: 'null' }]],
  ['a bare value', 1, 2, [{ field: 'value', before: '1', after: '2' }]],
])('%s', (_, before, after, difference) => {
  expect(differenceOf(before, after)).toEqual(difference)
})

test('fields that stay are counted', () => {
  expect(unchangedCount({ a: 1, b: 2, c: 3 }, { a: 1, b: 2, c: 4, d: 5 })).toBe(2)
  expect(unchangedCount(null, { a: 1 })).toBe(0)
})
