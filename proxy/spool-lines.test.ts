import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeLine, type LineKind } from './spool-line'
import { decodeLines, SpoolLines } from './spool-lines'

const kind = fc.constantFrom<LineKind[]>('a', 'd', 'o', 'p', 'c')
const line = fc.tuple(kind, fc.json())
const textsOf = (lines: [LineKind, string][], kinds: string) =>
  lines.flatMap(([kind, text]) => (kinds.includes(kind) ? [text] : []))

test('an array holds the lines of its kinds, in order, whole, of the parts of a batch too', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.nat(12), (written, cut) => {
      const bytes = Buffer.concat(written.map(([kind, text]) => encodeLine(kind, text)))
      const spooled = decodeLines(bytes, 100).lines
      const made = SpoolLines.of(
        written.map(([kind]) => kind),
        written.map(([, text]) => text),
      )
      for (const lines of [spooled, made]) {
        expect([...lines].map(({ kind, text }) => [kind, text])).toEqual(written)
        for (const kinds of ['ad', 'o', 'c']) {
          const { bytes, count } = lines.arrayOf(kinds)
          expect(bytes.toString()).toBe(`[${textsOf(written, kinds).join(',')}]`)
          expect(count).toBe(textsOf(written, kinds).length)
          const parts = [lines.slice(0, cut), lines.slice(cut)].filter(({ length }) => length > 0)
          expect(parts.flatMap(part => [...part].map(({ text }) => text))).toEqual(written.map(([, text]) => text))
        }
        expect(lines.first('ad')?.text).toBe(textsOf(written, 'ad')[0])
      }
    }),
  )
})
