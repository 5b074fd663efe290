import { expect, test } from 'vitest'
import { uuidTime, uuidv7 } from './uuid'

test('ids are UUIDs of version 7, hold their time, and are never drawn twice', () => {
  const at = Date.UTC(2026, 10, 22, 12)
  const ids = Array.from({ length: 5_000 }, (_, i) => uuidv7(at + (i >> 3)))
  for (const [i, id] of ids.entries()) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuidTime(id)).toBe(at + (i >> 3))
  }
  expect(new Set(ids).size).toBe(ids.length)
  // Every variant there is, and no digit that stays.
  expect(new Set(ids.map(id => id[19]))).toEqual(new Set('89ab'))
  for (const place of [15, 16, 17, 20, 21, 22, 24, 35]) expect(new Set(ids.map(id => id[place])).size).toBe(16)
})

test.each(['', 'x', '0190f3b0-1111-4222-8333-444455556666', '0190f3b0-1111-7222-c333-444455556666'])(
  'what is no UUIDv7 has no time: %s',
  text => expect(uuidTime(text)).toBeNull(),
)
