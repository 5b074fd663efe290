import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countChangedLines, diffLines, hunksOf, linesOf } from './line-diff'

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map(lines => lines.join('\n'))

describe('line diff', () => {
  it('holds both texts whole, in order, with their numbers', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = diffLines(before, after)
        const old = diff.filter(line => line.kind !== 'added')
        const young = diff.filter(line => line.kind !== 'removed')
        expect(old.map(line => line.text)).toEqual(linesOf(before))
        expect(young.map(line => line.text)).toEqual(linesOf(after))
        expect(old.map(line => line.before)).toEqual(old.map((_, i) => i + 1))
        expect(young.map(line => line.after)).toEqual(young.map((_, i) => i + 1))
      }),
    )
  })

  it('says that equal texts are equal', () => {
    fc.assert(fc.property(text, one => countChangedLines(diffLines(one, one)) === 0))
  })

  it.each([
    ['a line changed', 'a\nb\nc', 'a\nx\nc', ['same a', 'removed b', 'added x', 'same c'], 1],
    ['a line added', 'a\nc', 'a\nb\nc', ['same a', 'added b', 'same c'], 1],
    ['a line removed', 'a\nb\nc', 'a\nc', ['same a', 'removed b', 'same c'], 1],
    [
      'two far changes',
      'a\nb\nc\nd',
      'x\nb\nc\ny',
      ['removed a', 'added x', 'same b', 'same c', 'removed d', 'added y'],
      2,
    ],
    ['a first text', '', 'a\nb\n', ['added a', 'added b'], 2],
    ['a last line end', 'a\n', 'a', ['same a'], 0],
    ['other line ends', 'a\r\nb\r\n', 'a\nb\n', ['same a', 'same b'], 0],
  ])('shows %s', (_, before, after, shown, count) => {
    const diff = diffLines(before, after)
    expect(diff.map(line => `${line.kind} ${line.text}`)).toEqual(shown)
    expect(countChangedLines(diff)).toBe(count)
  })

  it('stays quick and whole when everything differs', () => {
    const before = Array.from({ length: 5_000 }, (_, i) => `a${i}`).join('\n')
    const after = Array.from({ length: 5_000 }, (_, i) => `b${i}`).join('\n')
    const start = performance.now()
    expect(countChangedLines(diffLines(before, after))).toBe(5_000)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('leaves out what is far from a change, and counts it', () => {
    const before = Array.from({ length: 40 }, (_, i) => `${i}`)
    const after = before.with(10, 'x').with(30, 'y')
    const hunks = hunksOf(diffLines(before.join('\n'), after.join('\n')))
    expect(hunks.map(hunk => [hunk.skipped, hunk.lines.length])).toEqual([
      [7, 8],
      [13, 8],
    ])
  })
})
