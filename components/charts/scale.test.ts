import { describe, expect, test } from 'vitest'
import { type GateCounts, layoutGate, niceScale, refusedOf } from './scale'
import { foldInto } from './spark-bars'

test.each([
  [0, 2, [1, 2]],
  [1, 2, [1, 2]],
  [47, 2, [25, 50]],
  [812, 3, [300, 600, 900]],
  [9_999, 2, [5_000, 10_000]],
  [11, 1, [20]],
  [3, 1, [3]],
])('a scale for %i in %i steps has whole ticks that hold it', (most, steps, ticks) => {
  expect(niceScale(most, steps)).toEqual({ max: ticks.at(-1), ticks })
})

test('every scale holds its number', () => {
  for (let most = 0; most < 5_000; most += 7) {
    for (const steps of [1, 2, 3]) expect(niceScale(most, steps).max).toBeGreaterThanOrEqual(most)
  }
})

const none: GateCounts = { allow: 0, deny: 0, limited: 0, require_approval: 0 }

describe('a gate chart', () => {
  const buckets: GateCounts[] = [
    { allow: 900, deny: 0, limited: 0, require_approval: 0 },
    { allow: 1, deny: 10, limited: 5, require_approval: 1 },
    none,
  ]
  const height = 244
  const { axis, bars, grid } = layoutGate(buckets, height)

  test('draws what was forwarded above the line and what was not below it', () => {
    for (const bar of bars) {
      if (bar.effect === 'allow') expect(bar.y + bar.height).toBeLessThan(axis)
      else expect(bar.y).toBeGreaterThan(axis)
      expect(bar.y).toBeGreaterThanOrEqual(0)
      expect(bar.y + bar.height).toBeLessThanOrEqual(height)
    }
  })

  test('stacks deny, limited and approval from the line outwards, without overlap', () => {
    const below = bars.filter(bar => bar.bucket === 1 && bar.effect !== 'allow')
    expect(below.map(bar => bar.effect)).toEqual(['deny', 'limited', 'require_approval'])
    below.slice(1).forEach((bar, index) => {
      const inner = below[index]
      expect(bar.y).toBeGreaterThanOrEqual((inner?.y ?? 0) + (inner?.height ?? 0))
    })
  })

  test('shows one call beside nine hundred', () => {
    const one = bars.find(bar => bar.bucket === 1 && bar.effect === 'allow')
    expect(one?.height).toBeGreaterThanOrEqual(1)
  })

  test('draws nothing where nothing was called, and keeps its scales', () => {
    expect(bars.some(bar => bar.bucket === 2)).toBe(false)
    const empty = layoutGate([none, none], height)
    expect(empty.bars).toEqual([])
    expect(empty.grid.every(line => Number.isFinite(line.y))).toBe(true)
  })

  test('puts its largest tick at the edge on each side', () => {
    expect(Math.min(...grid.map(line => line.y))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...grid.map(line => line.y))).toBeLessThanOrEqual(height)
  })
})

test('what was not forwarded is everything but allow', () => {
  expect(refusedOf({ allow: 100, deny: 1, limited: 2, require_approval: 4 })).toBe(7)
})

test.each([
  [[1, 2, 3], 24, [1, 2, 3]],
  [[1, 2, 3, 4, 5], 2, [6, 9]],
  [[], 24, []],
])('a spark folds %j into at most %i and loses no call', (counts, most, folded) => {
  expect(foldInto(counts, most)).toEqual(folded)
})
