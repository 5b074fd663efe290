import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileGlob } from './decide/glob-value'
import { globMatches } from './names'

it.each([
  ['*', 'anything', true],
  ['*', 'resources/x', false],
  ['*', 'prompts/x', false],
  ['*', 'server/x', false],
  ['resources/*', 'resources/file:///a/b', true],
  ['resources/*', 'read', false],
  ['r*', 'resources/x', false],
  ['prompts/s?m', 'prompts/sum', true],
  ['server/sampling/*', 'server/sampling/createMessage', true],
  ['a?c', 'abc', true],
  ['a?c', 'a😀c', true],
  ['a?c', 'ac', false],
  ['*_read', 'file_read', true],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxa', false],
  ['', '', true],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
])('the name pattern %s on %s is %s', (pattern, name, expected) => {
  expect(globMatches(pattern, name)).toBe(expected)
})

/** The slow and plain way, by what each sign means. */
function matchesPlainly(pattern: string, text: string, run: (char: string) => boolean): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') {
    for (let end = 0; end <= text.length; end++) {
      if (matchesPlainly(pattern.slice(1), text.slice(end), run)) return true
      if (end < text.length && !run(text[end] as string)) return false
    }
    return false
  }
  return (
    text !== '' &&
    (pattern[0] === '?' ? run(text[0] as string) : pattern[0] === text[0]) &&
    matchesPlainly(pattern.slice(1), text.slice(1), run)
  )
}

const small = (alphabet: string[]) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map(parts => parts.join(''))

it('matches names as the plain definition does', () => {
  fc.assert(
    fc.property(small(['a', 'b', '*', '?']), small(['a', 'b']), (pattern, name) => {
      expect(globMatches(pattern, name)).toBe(matchesPlainly(pattern, name, () => true))
    }),
    { numRuns: 3000 },
  )
})

it('matches values as the plain definition does, where no two stars meet', () => {
  fc.assert(
    fc.property(small(['a', '/', '*', '?']), small(['a', '/', 'b']), (pattern, value) => {
      fc.pre(!pattern.includes('**'))
      expect(compileGlob(pattern)(value)).toBe(matchesPlainly(pattern, value, char => char !== '/'))
    }),
    { numRuns: 3000 },
  )
})

it('takes bounded time on the patterns that make others hang', () => {
  const started = performance.now()
  expect(globMatches(`${'a*'.repeat(100)}b`, 'a'.repeat(2000))).toBe(false)
  expect(compileGlob(`${'a*'.repeat(50)}**b`)('a'.repeat(2000))).toBe(false)
  expect(performance.now() - started).toBeLessThan(2000)
})
