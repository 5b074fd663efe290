import { expect, test } from 'vitest'
import { isMet, table } from './report'
import { median, quantile, spread } from './statistics'
import { callBody, parseWrk } from './wrk'

test('what wrk prints is read by its last line', () => {
  const output = 'Running 1s test @ http://127.0.0.1:1/\n  1 threads\nRESULT 12000 2000000 3 1500 4250 9000\n'
  expect(parseWrk(output)).toEqual({
    callsPerSecond: 6_000,
    calls: 12_000,
    errors: 3,
    p50Ms: 1.5,
    p95Ms: 4.25,
    p99Ms: 9,
  })
})

test('a wrk that came to no end is an error that shows its words', () => {
  expect(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused')).toThrow(/Connection refused/)
})

test.each([
  [[], 0],
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 3],
])('the median of %j is %d', (numbers, middle) => {
  expect(median(numbers)).toBe(middle)
})

test('rounds tell how far they lie apart', () => {
  expect(spread([80, 100, 130])).toBe('-20…+30 %')
  expect(spread([])).toBe('–')
  expect(quantile([5, 1, 3, 2, 4], 0.99)).toBe(5)
})

test('a target is met on its limit, from the right side', () => {
  const target = { what: 'x', limit: 10, unit: '×' }
  expect(isMet({ ...target, measured: 10, isFloor: true })).toBe(true)
  expect(isMet({ ...target, measured: 9.99, isFloor: true })).toBe(false)
  expect(isMet({ ...target, measured: 10, isFloor: false })).toBe(true)
  expect(isMet({ ...target, measured: 10.01, isFloor: false })).toBe(false)
})

test('a body is one JSON-RPC call of some 400 bytes, with the id that it was given', () => {
  expect(JSON.parse(callBody('7'))).toMatchObject({
    id: 7,
    method: 'tools/call',
    params: { name: 'workflow_interact' },
  })
  expect(callBody('7').length).toBeGreaterThan(350)
})

test('tables are Markdown', () => {
  expect(table(['way', 'c'], [['direct', 16]])).toBe('| way    |  c |\n|--------|---:|\n| direct | 16 |')
})
