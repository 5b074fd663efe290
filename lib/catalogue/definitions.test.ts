import { expect, test } from 'vitest'
import { isStorable, LIST_BOUNDS, readDefinitions } from './definitions'

const tool = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more })

test('a tool keeps every field, and its digest covers each of them', () => {
  const plain = readDefinitions([tool('a')])
  const odd = readDefinitions([tool('a', { 'x-vendor': { deep: [1] }, _meta: { ui: true } })])
  expect(odd[0]?.definition).toEqual(tool('a', { 'x-vendor': { deep: [1] }, _meta: { ui: true } }))
  expect(odd[0]?.digest).not.toBe(plain[0]?.digest)
  expect(plain[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
})

test('the order of keys does not change a digest', () => {
  const [one] = readDefinitions([{ name: 'a', description: 'd', inputSchema: {} }])
  const [other] = readDefinitions([{ inputSchema: {}, description: 'd', name: 'a' }])
  expect(one?.digest).toBe(other?.digest)
})

test('a tool that is listed twice alike counts once', () => {
  expect(readDefinitions([tool('a'), tool('b'), tool('a')]).map(seen => seen.name)).toEqual(['a', 'b'])
})

const refused: [what: string, tools: unknown[], says: RegExp][] = [
  ['a resource name', [tool('resources/x')], /begins with resources\//],
  ['a prompt name', [tool('ok'), tool('prompts/x')], /begins with prompts\//],
  ['a server name', [tool('server/x')], /begins with server\//],
  ['a name twice, differently', [tool('a'), tool('a', { description: 'other' })], /"a" twice/],
  ['no name', [{ inputSchema: {} }], /Tool 1 has no name/],
  ['an empty name', [tool('')], /Tool 1 has no name/],
  ['a name that is no text', [{ name: 7 }], /Tool 1 has no name/],
  ['an invisible character', [tool('read\u200b')], /invisible/],
  ['a line break in a name', [tool('a\nb')], /control/],
  ['a long name', [tool('x'.repeat(257))], /longer than 256/],
  ['no object', [null], /Tool 1 is not an object/],
  ['a list', [[]], /Tool 1 is not an object/],
  ['a NUL', [tool('a', { description: 'x\0y' })], /NUL/],
  ['half a pair', [tool('a', { description: 'x\ud83dy' })], /surrogate/],
  ['the other half', [tool('a', { description: 'x\ude00y' })], /surrogate/],
  ['a huge definition', [tool('a', { description: 'x'.repeat(LIST_BOUNDS.definitionBytes) })], /at most 262144/],
  ['too many', Array.from({ length: 2_001 }, (_, index) => tool(`t${index}`)), /2001 tools/],
]
test.each(refused)('%s is refused in one sentence', (_what, tools, says) => {
  expect(() => readDefinitions(tools)).toThrow(says)
})

const texts: [text: string, isKept: boolean][] = [
  ['plain', true],
  ['a backslash then u0000: \\u0000', true],
  ['😀', true],
  ['\0', false],
  ['\\\0', false],
  ['\ud800', false],
]
test.each(texts)('Postgres keeps %j: %s', (text, isKept) => {
  expect(isStorable(JSON.stringify(text))).toBe(isKept)
})
