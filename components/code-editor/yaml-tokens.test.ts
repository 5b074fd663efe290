import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { colouredLines } from './yaml-tokens'

describe('coloured lines', () => {
  it('keeps every character of a text in its line', () => {
    const piece = fc.constantFrom('a: b', '- ', '{ x: 1 }', '"q', '# c', '|\n  t', '\n', '  ', ': ', '[', '\t', 'é')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const text = pieces.join('')
        const shown = colouredLines(text).map(line => line.map(one => one.text).join(''))
        expect(shown.join('\n')).toBe(text.replace(/\n$/, ''))
      }),
    )
  })

  it.each([
    ['tools:', 'tools', 'key'],
    ['action: deny', 'deny', 'word'],
    ['max: 10', '10', 'number'],
    ['timeout: 30m', '30m', 'number'],
    ['rate_limit: 10/hour', '10/hour', 'number'],
    ['reason: "No."', '"No."', 'string'],
    ['# why', '# why', 'comment'],
    ['name: deny nothing', 'deny nothing', null],
  ])('%s: %s is a %s', (text, part, kind) => {
    const found = colouredLines(text)[0]?.find(piece => piece.text.trim() === part)
    expect(found?.kind).toBe(kind)
  })
})
