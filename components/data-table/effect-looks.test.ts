import { expect, test } from 'vitest'
import { bytes, categoryOf, duration, lookOf, riskOf } from './effect-looks'

test.each([
  [0.4, '400\u2009µs'],
  [8.25, '8.3\u2009ms'],
  [412, '412\u2009ms'],
  [1_240, '1.24\u2009s'],
  [35_000, '35.0\u2009s'],
])('%d ms reads %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})

test.each([
  [0, '0'],
  [412, '412\u2009B'],
  [3_240, '3.2\u2009kB'],
  [512_000_000, '512\u2009MB'],
  [9e15, '9000000\u2009GB'],
])('%d bytes read %s', (count, words) => {
  expect(bytes(count)).toBe(words)
})

test('words this console does not know have no look', () => {
  expect([categoryOf('Execute'), categoryOf('Teleport'), categoryOf(null)]).toEqual(['Execute', null, null])
  expect([riskOf('high'), riskOf('severe'), riskOf(null)]).toEqual(['high', null, null])
  expect(lookOf('require_approval')).toBe('approval')
})
