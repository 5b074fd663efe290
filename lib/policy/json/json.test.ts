import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PreciseNumber } from './precise-number'
import { readJson } from './read'
import { canonicalJson, writeJson } from './write'

const LIMITS = { maxLength: 1000, maxDepth: 4 }

describe('readJson', () => {
  it.each([
    ['{"a":1,"a":2}', 'duplicate_key', 7],
    ['{"a":{"b":[{"c":1,"c":1}]}}', 'duplicate_key', 18],
    ['{"a":1,"\\u0061":2}', 'duplicate_key', 7],
    ['{"__proto__":1,"__proto__":2}', 'duplicate_key', 15],
    ['[[[[[1]]]]]', 'too_deep', 4],
    [`"${'a'.repeat(1000)}"`, 'too_long', 0],
    ['', 'syntax', 0],
    ['{', 'syntax', 1],
    ['[1,]', 'syntax', 3],
    ['{"a":01}', 'syntax', 6],
    ['[NaN]', 'syntax', 1],
    ['1 2', 'syntax', 2],
    ['"\u0001"', 'syntax', 0],
    ['{"a" 1}', 'syntax', 5],
    ['[1.]', 'syntax', 2],
    ['"\\x"', 'syntax', 0],
  ])('refuses %s as %s at %i', (text, reason, offset) => {
    expect(readJson(text, LIMITS)).toMatchObject({ ok: false, reason, offset })
  })

  it.each([
    ['[1,2,[3]]', true],
    ['[1,2,[3,4]]', false],
    ['{"a":{"b":[{}]}}', true],
    ['{"a":{"b":[{},{}]}}', false],
    ['"[,{,[,{,"', true],
    ['[1e2,1.0,-0,1.0]', true],
    ['[1e2,1.0,-0,1.0,2]', false],
  ])('counts the entries of %s', (text, isTaken) => {
    const reading = readJson(text, { ...LIMITS, maxEntries: 4 })
    expect(reading.ok).toBe(isTaken)
    if (!reading.ok) expect(reading.reason).toBe('too_long')
  })

  it.each(['1.0', '1e2', '-0', '9007199254740993', '0.10', '1E+2', '123456789012345678901234567890', '1e400'])(
    'keeps the text of %s',
    source => {
      const reading = readJson(`{"n":[${source}]}`)
      expect(reading.ok && writeJson(reading.value)).toBe(`{"n":[${source}]}`)
      expect(reading.ok && canonicalJson(reading.value)).toBe(`{"n":[${source}]}`)
    },
  )

  it.each([
    ['1.0', true],
    ['1e2', true],
    ['-0', true],
    ['0.10', true],
    ['1e-7', true],
    ['9007199254740993', false],
    ['1e400', false],
    ['0.1000000000000000055511151231257827', false],
    ['123456789012345678901234567890', false],
  ])('knows whether a double is %s: %s', (source, isExact) => {
    expect(new PreciseNumber(source).isExact).toBe(isExact)
  })

  it('takes time that grows with the number of digits, not with its square', () => {
    const started = performance.now()
    new PreciseNumber(`1${'0'.repeat(1_000_000)}1`)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('reads __proto__ as a key like any other', () => {
    const reading = readJson('{"__proto__":{"x":1},"n":1.0}')
    expect(reading.ok && Object.keys(reading.value as object)).toEqual(['__proto__', 'n'])
    expect(reading.ok && (reading.value as { x?: number }).x).toBeUndefined()
  })

  it('reads what JSON.parse reads, where no key stands twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
        const text = JSON.stringify(value)
        const reading = readJson(text)
        expect(reading.ok && writeJson(reading.value)).toBe(text)
      }),
    )
  })

  it('refuses exactly what JSON.parse refuses, duplicate keys aside', () => {
    const fragments = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '.5',
      'e3',
      'true',
      'null',
      ' ',
      '\n',
      '"\\"',
      '\\',
      '"',
    )
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), parts => {
        const text = parts.join('')
        const reading = readJson(text)
        if (!reading.ok && reading.reason === 'duplicate_key') return
        expect(reading.ok, text).toBe(isJson(text))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('canonicalJson', () => {
  it('is the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), record => {
        fc.pre(isWellFormed(record))
        const turned = Object.fromEntries(Object.entries(record).reverse())
        expect(canonicalJson(turned)).toBe(canonicalJson(record))
        expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)))
      }),
    )
  })

  it('sorts keys by UTF-16 units and writes numbers and texts as RFC 8785 does', () => {
    const value = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\ud83d\ude00': 5,
      '\u0080': 6,
      n: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27],
      s: '\u20ac$\u000f\nA\'B"\\\\"/',
    }
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":4,"n":[333333333.3333333,1e+30,4.5,0.002,1e-27],"s":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/","\u0080":6,"€":1,"😀":5,"\ufb33":3}',
    )
  })

  it('refuses what has no canonical form', () => {
    const loop: unknown[] = []
    loop.push(loop)
    const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`)
    for (const value of ['\ud800', { '\udc00': 1 }, Number.NaN, loop, deep, undefined, 1n])
      expect(() => canonicalJson(value)).toThrow(TypeError)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isWellFormed(value: unknown): boolean {
  return !/\\u[dD][89a-fA-F][0-9a-fA-F]{2}/.test(JSON.stringify(value))
}
