import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonObject, PreciseNumber, readJson } from '@/lib/policy'
import { canonicalText } from './canonical-text'
import { argumentDigest, isMaskedAt, maskArguments, maskValue } from './masking'
import { SECRET_RULES } from './secret-rules'
import { isSecretName, maskSecrets } from './secret-shapes'
import { restore, writeStorable } from './storable'
import { fakeSecrets } from './testing/secrets'

const args: JsonObject = {
  query: 'all of them',
  password: 'hunter2',
  input: {
    pin: 1234,
    items: [
      { card: '4111', note: 'a' },
      { card: '4242', note: 'b' },
    ],
  },
  big: new PreciseNumber('9007199254740993'),
}
const schema = {
  type: 'object',
  properties: { query: { type: 'string', format: 'password' }, input: { properties: { note: { writeOnly: true } } } },
}

test.each([
  ['keep', [], ['keep'], { query: 'all of them', password: 'hunter2' }, []],
  ['masked', [], ['masked'], { query: '[masked]', password: '[masked]' }, ['/query', '/password', '/input/pin']],
  [
    'keep with redact',
    ['args.password', 'args.input.items.*.card'],
    ['keep'],
    { password: '[masked]', query: 'all of them' },
    ['/password', '/input/items/0/card', '/input/items/1/card'],
  ],
  ['keys', [], ['keys'], { query: 'string', password: 'string', big: 'number' }, []],
] as const)('arguments are kept as the server says: %s', (_what, redact, [kept], expected, paths) => {
  const masked = maskArguments(args, { kept, redact, inputSchema: schema })
  expect(masked.arguments).toMatchObject(expected)
  expect(masked.maskedPaths).toEqual(paths)
})

test('a list or an object under the name of a secret is masked whole', () => {
  const hidden = { passwords: ['a', 'b'], credentials: { user: 'u', key: 'k' }, max_tokens: 9, pin: '', secret: true }
  expect(maskArguments(hidden, { kept: 'masked', redact: [] })).toEqual({
    arguments: { passwords: '[masked]', credentials: '[masked]', max_tokens: 9, pin: '', secret: true },
    maskedPaths: ['/passwords', '/credentials'],
  })
})

test('none keeps none', () => {
  expect(maskArguments(args, { kept: 'none', redact: [] })).toEqual({ arguments: null, maskedPaths: [] })
})

test('a key that is called __proto__ is masked like any other', () => {
  const reading = readJson('{"__proto__":{"password":"x"},"constructor":{"token":"y"}}')
  if (!reading.ok) throw new Error(reading.message)
  const masked = maskArguments(reading.value as JsonObject, { kept: 'masked', redact: [] })
  expect(JSON.stringify(masked.arguments)).toBe(
    '{"__proto__":{"password":"[masked]"},"constructor":{"token":"[masked]"}}',
  )
  expect(masked.maskedPaths).toEqual(['/__proto__/password', '/constructor/token'])
})

const secrets = fakeSecrets()
test.each(secrets)(
  'a secret of $issuer is masked wherever it stands, whatever is kept',
  ({ text: secret, needles }) => {
    const masked = maskArguments({ deep: [{ text: `before ${secret} after` }] }, { kept: 'keep', redact: [] })
    const text = JSON.stringify(masked.arguments)
    for (const needle of needles) expect(text).not.toContain(needle)
    expect(text).toMatch(/before .*\[masked\].* after/)
    expect(masked.maskedPaths).toEqual(['/deep/0/text'])
  },
)

test('each rule masks one of them', () => {
  const left = SECRET_RULES.filter(([, shape]) => !secrets.some(({ text }) => text.search(shape) >= 0))
  expect(left.map(([literals]) => literals)).toEqual([])
})

test.each([
  ['postgres://app:s3cr3t-word@db.example/x', 'postgres://[masked]@db.example/x'],
  ['Authorization: Bearer abcdefghijklmnopqrstuvwxyz', 'Authorization: [masked]'],
  ['the word risk-free is no key, nor is task-list or https://example.org/a:b', null],
  ['eyJust a word', null],
])('%s', (text, expected) => {
  expect(maskSecrets(text)).toBe(expected ?? text)
})

test.each(['password', 'api_key', 'apiKey', 'clientSecret', 'db-token', 'Authorization', 'userPassword'])(
  '%s is the name of a secret',
  name => {
    expect(isSecretName(name)).toBe(true)
  },
)
test.each(['tokens_used', 'max_tokens', 'keyboard', 'passage', 'secretary', 'spin', 'author'])('%s is not', name => {
  expect(isSecretName(name)).toBe(false)
})

test('a kilobyte without a secret is looked through in a few microseconds', () => {
  const text = 'All the words of a longer letter that holds nothing of interest. '.repeat(16)
  // The best of many rounds: others may use this machine too.
  const rounds = Array.from({ length: 40 }, () => {
    const startedAt = performance.now()
    for (let i = 0; i < 200; i++) maskSecrets(text)
    return (performance.now() - startedAt) / 200
  })
  expect(Math.min(...rounds)).toBeLessThan(0.03)
})

test('equal arguments have one digest, whatever their order; another key gives another', () => {
  const key = Buffer.alloc(32, 1)
  const one = argumentDigest(key, { a: 1, b: [true, null] })
  expect(argumentDigest(key, { b: [true, null], a: 1 })).toBe(one)
  expect(argumentDigest(key, { a: 2, b: [true, null] })).not.toBe(one)
  expect(argumentDigest(Buffer.alloc(32, 2), { a: 1, b: [true, null] })).not.toBe(one)
  expect(argumentDigest(key, { lone: '\ud800' })).toMatch(/^[0-9a-f]{64}$/)
})

test.each([
  ['args.password', ['/password'], true],
  ['args.input', ['/input/pin'], true],
  ['args.input.pin', ['/input'], true],
  ['args.items.*.card', ['/items/3/card'], true],
  ['args.query', ['/password'], false],
])('a condition on %s speaks of a value that was masked at %o: %s', (path, masked, expected) => {
  expect(isMaskedAt(path, masked)).toBe(expected)
})

test('what Postgres refuses is escaped, and can be read back', () => {
  const value = {
    'k\0': 'a\0b\ud800c\udc00 \ue000 💥',
    n: new PreciseNumber('1e999'),
    small: new PreciseNumber('1.50'),
  }
  const text = writeStorable(value)
  expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/i)
  const read = JSON.parse(text) as Record<string, string>
  expect(restore(Object.keys(read)[0] as string)).toBe('k\0')
  expect(restore(Object.values(read)[0] as string)).toBe('a\0b\ud800c\udc00 \ue000 💥')
  expect(read.n).toBe('\ue000n1e999')
  expect(text).toContain('"small":1.50')
  expect(writeStorable({ plain: 'x' })).toBe('{"plain":"x"}')
})

test('a key that is a secret is masked like a value, and two of them stay two', () => {
  const [one, two] = ['AKIAIOSFODNN7EXAMPLE', `ghp_${'aB3'.repeat(12)}`]
  const byKey = { map: { [one]: 'x', [two]: { deep: `sk-${'a1'.repeat(20)}` }, plain: 1 } }
  expect(maskArguments(byKey, { kept: 'masked', redact: [] })).toEqual({
    arguments: { map: { '[masked]': 'x', '[masked] 2': { deep: '[masked]' }, plain: 1 } },
    maskedPaths: ['/map/[masked]', '/map/[masked] 2', '/map/[masked] 2/deep'],
  })
  expect(JSON.stringify(maskArguments(byKey, { kept: 'keys', redact: [] }))).not.toMatch(/AKIA|ghp_/)
  expect(JSON.stringify(maskValue({ [one]: [`said ${two}`] }))).toBe('{"[masked]":["said [masked]"]}')
})

// The look at the whole text is there for speed; it must let nothing pass that the walk masks.

test('no literal of a secret holds a character that JSON escapes', () => {
  for (const literal of SECRET_RULES.flatMap(([literals]) => literals))
    expect(JSON.stringify(literal)).toBe(`"${literal}"`)
})

test('arguments whose text was looked at are masked as those that were walked', () => {
  const secrets = fakeSecrets().map(each => each.text)
  const text = fc.oneof(fc.constantFrom('', 'plain', 'a "quoted" \\ text', ...secrets), fc.string())
  const name = fc.oneof(fc.constantFrom('query', 'password', 'note', 'api_key', 'input', ...secrets), fc.string())
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.constantFrom(null, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    ),
  }))
  const rules = fc.record({
    kept: fc.constantFrom('keep' as const, 'masked' as const, 'keys' as const, 'none' as const),
    redact: fc.constantFrom<string[]>([], ['args.note'], ['args.input.*']),
    inputSchema: fc.constantFrom<unknown>(undefined, schema, { type: 'object' }),
  })
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 5 }), rules, (found, rule) => {
      const given = found as JsonObject
      expect(maskArguments(given, rule, canonicalText(given))).toEqual(maskArguments(given, rule))
    }),
    { numRuns: 1_000 },
  )
})
