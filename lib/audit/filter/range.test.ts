import { describe, expect, test } from 'vitest'
import { bucketCount, rangeWords, type TimeRange, windowOf } from './range'

const now = Date.parse('2026-11-22T15:34:56.789Z')
const between = (from: string, to: string): TimeRange => ({ from: new Date(from), to: new Date(to) })

describe('a window is made of whole buckets', () => {
  const cases: [name: string, range: TimeRange, from: string, to: string, stepSeconds: number][] = [
    ['hour', { preset: '1h' }, '2026-11-22T14:34:00.000Z', '2026-11-22T15:35:00.000Z', 60],
    ['day', { preset: '24h' }, '2026-11-21T15:00:00.000Z', '2026-11-22T16:00:00.000Z', 3600],
    ['week', { preset: '7d' }, '2026-11-15T14:00:00.000Z', '2026-11-22T16:00:00.000Z', 7200],
    ['month', { preset: '30d' }, '2026-10-23T12:00:00.000Z', '2026-11-22T18:00:00.000Z', 21_600],
    [
      'a minute',
      between('2026-11-22T10:01:00Z', '2026-11-22T10:02:00Z'),
      '2026-11-22T10:01:00.000Z',
      '2026-11-22T10:02:00.000Z',
      1,
    ],
    [
      'an hour',
      between('2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z'),
      '2026-11-22T10:00:00.000Z',
      '2026-11-22T11:00:00.000Z',
      60,
    ],
    [
      'two crooked days',
      between('2026-11-20T10:20:30Z', '2026-11-22T10:20:30Z'),
      '2026-11-20T10:00:00.000Z',
      '2026-11-22T11:00:00.000Z',
      3600,
    ],
    [
      'a quarter',
      between('2026-08-22T00:00:00Z', '2026-11-22T00:00:00Z'),
      '2026-08-22T00:00:00.000Z',
      '2026-11-22T00:00:00.000Z',
      86_400,
    ],
  ]
  test.each(cases)('%s', (_, range, from, to, stepSeconds) => {
    const window = windowOf(range, now)
    expect([window.from.toISOString(), window.to.toISOString(), window.stepSeconds]).toEqual([from, to, stepSeconds])
    expect(bucketCount(window) * stepSeconds * 1000).toBe(window.to.getTime() - window.from.getTime())
    expect(bucketCount(window)).toBeLessThanOrEqual(130)
  })

  test('a longer span than a view may cover loses its older end', () => {
    const window = windowOf(between('2020-01-01T00:00:00Z', '2026-11-22T00:00:00Z'), now)
    expect(window.from.toISOString()).toBe('2026-08-22T00:00:00.000Z')
  })
})

test.each([
  [{ preset: '24h' } as const, 'last 24 hours'],
  [between('2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z'), '2026-11-22 10:00 to 11:00'],
  [between('2026-11-21T10:00:00Z', '2026-11-22T11:00:30Z'), '2026-11-21 10:00 to 2026-11-22 11:00:30'],
])('a range in words: %j', (range, words) => {
  expect(rangeWords(range)).toBe(words)
})
