import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalRecord, sha256 } from '@/lib/audit/chain'
import type { OutcomeRecord } from '@/lib/audit/model'
import { type JsonValue, PreciseNumber, readJson, writeJson } from '@/lib/policy'
import { recordText, recordTextWithCare } from './record-text'

// The fast way and the careful one must agree to the byte: the verifier knows one canonical form only.

const outcome = (members: Record<string, unknown>) => members as unknown as OutcomeRecord

function expectSame(members: Record<string, unknown>): void {
  const fast = recordText(outcome(members))
  const careful = recordTextWithCare(outcome(members))
  const canonical = sha256(canonicalRecord(fast.text))
  expect(fast.digest ?? canonical).toBe(careful.digest ?? sha256(canonicalRecord(careful.text)))
  expect(fast.digest ?? canonical).toBe(canonical)
  expect(JSON.parse(fast.text)).toEqual(JSON.parse(careful.text))
  expect(Object.keys(JSON.parse(fast.text))).toEqual(Object.keys(JSON.parse(careful.text)))
}

test.each<[string, JsonValue]>([
  ['keys out of order', { b: 1, a: { d: 1, c: 2 } }],
  [
    'keys of one shape, then of another',
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
      { a: 1, c: 2 },
    ],
  ],
  ['keys like numbers', JSON.parse('{"10":1,"9":2,"a":3}')],
  ['a key called __proto__', JSON.parse('{"__proto__":{"x":1},"a":1}')],
  ['numbers at the edge', [0, -0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 1e99, 1e100, 1e-98, 1e-99]],
  ['a number that no double holds', [new PreciseNumber('9007199254740993')]],
  ['NUL and other control characters', 'a\0b\u001f'],
  ['lone surrogates', ['\uD800', { '\uDC00': 1 }]],
  ['the mark of an escape', ['\uE000', { '\uE000': 1 }]],
  ['text of any script', 'é💥\u2028"\\'],
  ['text that looks like a wide number', ':1e400'],
  ['nothing', [{}, [], null, '']],
  ['deep nesting', JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`)],
])('%s', (_, value) => {
  expectSame({ decision_id: 'x', decision_time: 'y', error: null, value })
})

test('any record at all', () => {
  const member = fc.oneof(
    fc.json().map(text => readValue(text)),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true }),
  )
  const record = fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), member)
  fc.assert(
    fc.property(record, members => {
      const { chain: _c, sequence: _s, hash: _h, ...rest } = members as Record<string, unknown>
      const isWritable = Object.values(rest).every(value => typeof value !== 'number' || Number.isFinite(value))
      if (isWritable) expectSame({ ...rest, '0': null, error: null })
    }),
    { numRuns: 400 },
  )
})

function readValue(text: string): JsonValue {
  const reading = readJson(text)
  // JSON of fast-check may say a key twice.
  return reading.ok ? (JSON.parse(writeJson(reading.value)) as JsonValue) : null
}
