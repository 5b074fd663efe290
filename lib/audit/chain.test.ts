import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { type JsonValue, PreciseNumber, readJson, writeJson } from '@/lib/policy'
import { canonicalOf, canonicalRecord, canonicalRow, genesis, type LinkKind, linkHash, sha256 } from './chain'
import { selectedRecord } from './chain-rows'
import { writeStorable } from './storable'
import { recordCalls } from './store'
import { decisionAt, outcomeOf } from './testing/records'

// What is hashed must come back from Postgres byte for byte: else an untouched record would look edited.

describe('the canonical record', () => {
  test.each([
    ['key order', '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['white space', '{ "a" : [1, 2 ] }', '{"a":[1,2]}'],
    ['null members at the top', '{"a":null,"b":{"c":null}}', '{"b":{"c":null}}'],
    ['its place in the chain', '{"a":1,"chain":"c","sequence":4,"hash":"ff"}', '{"a":1}'],
    ['another spelling of a double', '{"a":[1.0,1e2,0.10,-0,-0.0,1E+2]}', '{"a":[1,100,0.1,0,0,100]}'],
    ['escapes', '{"a":"\\u0041\\/"}', '{"a":"A/"}'],
  ])('is the same whatever the %s', (_, text, canonical) => {
    expect(canonicalRecord(text)).toBe(canonical)
  })

  test.each([
    ['9007199254740993', '9007199254740992'],
    ['0.1000000000000000055511151231257827', '0.1'],
    ['1e400', '1e401'],
    ['-12345678901234567890.5', '12345678901234567890.5'],
  ])('tells %s from %s', (one, other) => {
    expect(canonicalRecord(`{"a":${one}}`)).not.toBe(canonicalRecord(`{"a":${other}}`))
  })

  test.each([
    ['9007199254740993', '9007199254740993.000'],
    ['1e400', `1${'0'.repeat(400)}`],
    ['123456789012345678901e-3', '123456789012345678.9010'],
  ])('takes %s and %s for one number', (one, other) => {
    expect(canonicalRecord(`{"a":${one}}`)).toBe(canonicalRecord(`{"a":${other}}`))
  })

  test.each([
    '{"a":null,"b":1}',
    '{"b":1,"c":null,"d":null}',
    '{"b":"x,","c":null}',
    '{"b":"é","c":null}',
    '{"b":"\\",\\"c\\":null","d":1.50}',
    '{"b":[null,1],"c":{"d":null}}',
    '{"b":1e-05,"c":-0,"d":1000000000000000000000,"e":0.1}',
  ])('is the same of the row %s', text => {
    expect(canonicalRow(text)).toBe(canonicalRecord(text))
  })

  test.each(['', '[]', '1', '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{'])('is refused for %j', text => {
    expect(() => canonicalRecord(text)).toThrow()
  })
})

test('a link is what docs/decisions/chain.md says, so that others can write a verifier', () => {
  const chain = '01a00000-0000-7000-8000-000000000001'
  expect(genesis(chain)).toBe(sha256(`intercept-chain/1\n${chain}`))
  expect(linkHash(genesis(chain), 1, 'decision', sha256('{}'))).toBe(
    sha256(`intercept-link/1\n${genesis(chain)}\n1\ndecision\n${sha256('{}')}`),
  )
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

describe('through Postgres and back', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
  })
  afterAll(() => db.close())

  const oddText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      '\0',
      '\ud800',
      '\udfff\ud800',
      '\uE000',
      '\uE0000000',
      '__proto__',
      'é',
      'e\u0301',
      '\u2028',
      '😀',
      '"\\',
    ),
  )
  const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`))
  const oddNumber = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(fc.constant('0'), digits(30)),
      fc.option(digits(30)),
      fc.option(fc.integer({ min: -420, max: 420 })),
    )
    .map(([sign, whole, fraction, exponent]) => {
      const lead = whole.replace(/^0+(?=.)/, '')
      return `${sign}${lead}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`
    })
    .map(text => {
      const reading = readJson(text)
      return reading.ok ? (reading.value as number | PreciseNumber) : 0
    })
  const { value: oddValue } = fc.letrec<{ value: JsonValue }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      oddText,
      oddNumber,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(oddText, tie('value'), { maxKeys: 4, noNullPrototype: false }),
    ),
  }))

  async function readBack(kind: LinkKind, read = canonicalRecord): Promise<string[]> {
    const table = kind === 'decision' ? 'decisions d ORDER BY d.sequence' : 'outcomes o ORDER BY o.sequence'
    const rows = await db.database.sql.query<{ record: string }>(
      `SELECT ${selectedRecord[kind]} AS record FROM ${table}`,
    )
    return rows.map(row => read(row.record))
  }

  test('any record has the canonical form that its spool line had', async () => {
    const runs = process.env.INTERCEPT_LONG ? 5_000 : 300
    // Whole numbers past 2^53, 285,000 years, are one double with two spellings: Postgres writes all their digits.
    const duration = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter(ms => !Number.isInteger(ms) || Math.abs(ms) <= Number.MAX_SAFE_INTEGER || Math.abs(ms) >= 1e21)
    const values = fc.sample(fc.tuple(oddValue, oddText, duration), runs)
    const atMs = Date.now()
    const decisions = values.map(([value, text], i) =>
      writeStorable(
        decisionAt(atMs + i, {
          arguments: value,
          reasons: [value],
          obligations: [value],
          tool: text,
          message: text,
          masked_paths: [text],
        }),
      ),
    )
    const outcomes = values.map(([, text, duration], i) =>
      writeStorable(outcomeOf(decisionAt(atMs + i), { error: text, duration_ms: duration })),
    )
    const placed = (lines: string[]) =>
      lines.map(
        (line, i) => `${line.slice(0, -1)},"chain":"01a00000-0000-7000-8000-000000000001","sequence":${i},"hash":"00"}`,
      )
    const proxy = (await import('@/lib/db/client')).openDatabase(db.proxyUrl, 1)
    try {
      await recordCalls(proxy.sql, placed(decisions), placed(outcomes))
    } finally {
      await proxy.close()
    }
    expect(await readBack('decision')).toEqual(decisions.map(canonicalRecord))
    expect(await readBack('decision', canonicalRow)).toEqual(decisions.map(canonicalRecord))
    expect(await readBack('outcome')).toEqual(outcomes.map(canonicalRecord))
    expect(await readBack('outcome', canonicalRow)).toEqual(outcomes.map(canonicalRecord))
  })
})

test('a value and its JSON text give one canonical form', () => {
  const value = { a: new PreciseNumber('1.50'), b: [new PreciseNumber('9007199254740993')], c: null }
  expect(canonicalOf(value)).toBe(canonicalRecord(writeJson(value)))
})
