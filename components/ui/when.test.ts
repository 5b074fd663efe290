import { expect, test } from 'vitest'
import { absoluteDay, clockTime, fullInstant, relativeTime } from './when'

const now = new Date('2026-11-22T18:04:12.366Z')
const before = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const thin = '\u2009'

test.each([
  [0, 'now'],
  [1.9, 'now'],
  [2, `2${thin}s ago`],
  [59.9, `59${thin}s ago`],
  [60, `1${thin}min ago`],
  [3_599, `59${thin}min ago`],
  [3_600, `1${thin}h ago`],
  [47 * 3_600, `47${thin}h ago`],
  [48 * 3_600, `2${thin}days ago`],
  [59 * 86_400, `59${thin}days ago`],
  [60 * 86_400, '23 Sept 2026'],
  [-90, `in 1${thin}min`],
  [-86_400, `in 24${thin}h`],
])('%d s before now reads %s', (seconds, words) => expect(relativeTime(before(seconds), now)).toBe(words))

test('absolute forms are in UTC, whatever the zone of the machine', () => {
  expect(fullInstant(now)).toBe('2026-11-22 18:04:12.366 UTC')
  expect(clockTime(now)).toBe('18:04:12')
  expect(absoluteDay(new Date('2026-11-22T23:59:59Z'))).toBe('22 Nov 2026')
})
