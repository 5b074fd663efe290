import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contrast, deuteranopic, distance, linearOf, readColours, type Triple } from './testing/colour'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')
const themes = ['light', 'dark'] as const

const effects = ['allow', 'deny', 'approval', 'limited'] as const
const risks = ['low', 'medium', 'high', 'critical'].map(risk => `risk-${risk}`)
const series = [1, 2, 3, 4, 5].map(number => `series-${number}`)
const surfaces = ['paper', 'sheet', 'well', 'overlay', 'hover', 'selected']
const tints = [...effects.map(effect => `${effect}-tint`), 'accent-tint', 'diff-add', 'diff-del']
const code = ['key', 'string', 'number', 'word', 'comment'].map(part => `code-${part}`)

const cross = (texts: readonly string[], grounds: readonly string[]) =>
  texts.flatMap(text => grounds.map(ground => [text, ground] as const))

/** Words: 4.5:1. */
const words = [
  ...cross(['ink', 'ink-2', 'ink-3'], [...surfaces, ...tints]),
  ...effects.flatMap(effect => cross([`${effect}-ink`], [`${effect}-tint`, 'sheet', 'paper', 'hover', 'selected'])),
  ...cross(
    risks.map(risk => `${risk}-ink`),
    ['sheet', 'paper', 'hover', 'selected'],
  ),
  ...cross(['shadow-ink'], ['sheet', 'paper']),
  ...cross(['accent-ink'], [...surfaces, 'accent-tint']),
  ...cross(code, ['sheet', 'well', 'selected', 'diff-add', 'diff-del']),
  ...cross(['code-gutter'], ['sheet']),
  ...cross(['on-ink'], ['ink', 'ink-2']),
  ...cross(['on-accent'], ['accent', 'accent-hover', 'deny', 'deny-ink']),
]

/** Marks, and edges that one must see: 3:1. */
const marks = [
  ...cross([...effects, ...risks, ...series, 'accent', 'ok', 'warn', 'bad'], ['sheet', 'paper']),
  ...effects.map(effect => [effect, `${effect}-tint`] as const),
  ...cross(['line-control', 'shadow'], ['sheet', 'paper']),
]

describe.each(themes)('in the %s theme', theme => {
  const colours = readColours(css, theme)
  const colour = (name: string): Triple => {
    const found = colours.get(name)
    if (!found) throw new Error(`tokens.css has no opaque colour --${name}`)
    return found
  }

  test.each(words)('words in %s can be read on %s', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test.each(marks)('a mark in %s is seen on %s', (mark, ground) => {
    expect(contrast(colour(mark), colour(ground))).toBeGreaterThanOrEqual(3)
  })

  test.each([['effects', effects] as const, ['risks', risks] as const, ['series', series] as const])(
    '%s stay apart under deuteranopia',
    (_, names) => {
      const seen = names.map(name => [name, deuteranopic(colour(name))] as const)
      const near = seen.flatMap(([one, a], index) =>
        seen.slice(index + 1).flatMap(([other, b]) => (distance(a, b) < 0.08 ? [`${one} and ${other}`] : [])),
      )
      expect(near).toEqual([])
    },
  )
})

describe('the arithmetic', () => {
  const white = linearOf([1, 0, 0])
  const black = linearOf([0, 0, 0])

  test('knows black, white and the red of sRGB', () => {
    expect(contrast(white, black)).toBeCloseTo(21, 1)
    // oklch of #f00, as browsers print it.
    const red = linearOf([0.62796, 0.25768, 29.2339])
    expect(red[0]).toBeCloseTo(1, 3)
    expect(red[1]).toBeCloseTo(0, 3)
    expect(red[2]).toBeCloseTo(0, 3)
  })

  test('sees red and green of one lightness fall together under deuteranopia, and grey stay', () => {
    const red = linearOf([0.6, 0.12, 40])
    const green = linearOf([0.6, 0.12, 120])
    expect(distance(deuteranopic(red), deuteranopic(green))).toBeLessThan(distance(red, green) / 2)
    const grey = linearOf([0.6, 0, 0])
    expect(distance(deuteranopic(grey), grey)).toBeLessThan(0.01)
  })
})

test.runIf(existsSync('../shared/look/tokens.css'))('is the look, byte for byte', () => {
  expect(css).toBe(readFileSync('../shared/look/tokens.css', 'utf8'))
})
