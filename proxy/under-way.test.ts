import { expect, test } from 'vitest'
import { MAX_UNDER_WAY, UnderWay } from './under-way'

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))

test('one identity gets as many calls as it may have, and others are not held up by it', () => {
  const underWay = new UnderWay()
  const first = underWay.enterCall('busy')
  times(MAX_UNDER_WAY.ofIdentity - 1, () => underWay.enterCall('busy'))
  expect(underWay.enterCall('busy').problem).toMatch(/Wait for some to end/)
  expect(underWay.enterCall('other').leave).toBeDefined()
  first.leave?.()
  expect(underWay.enterCall('busy').leave).toBeDefined()
  expect(underWay.enterCall('busy').problem).toBeDefined()
})

test('all together get as many as the proxy has, and each that ends makes room', () => {
  const underWay = new UnderWay()
  const entries = times(MAX_UNDER_WAY.ofAll, i => underWay.enterCall(`identity ${i}`))
  expect(entries.every(({ leave }) => leave)).toBe(true)
  expect(underWay.enterCall('one more').problem).toMatch(/This proxy has too many/)
  entries[0]?.leave?.()
  expect(underWay.enterCall('one more').leave).toBeDefined()
})

test('what a server asks counts for its session, not for the identity', () => {
  const underWay = new UnderWay()
  times(MAX_UNDER_WAY.ofServer, () => underWay.enterAsked('s'))
  expect(underWay.enterAsked('s').problem).toBeDefined()
  expect(underWay.enterAsked('t').leave).toBeDefined()
  expect(underWay.enterCall('s').leave).toBeDefined()
})

test('a proxy that stops begins no call, and lets servers ask for what calls under way need', () => {
  const underWay = new UnderWay()
  underWay.drain()
  expect(underWay.enterCall('a').problem).toMatch(/stopping/)
  expect(underWay.enterAsked('s').leave).toBeDefined()
})
