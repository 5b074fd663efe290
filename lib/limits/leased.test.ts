import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LeasedCounterStore } from './leased'
import { MemoryCounterStore } from './memory'
import type { CounterStore, LimitRequest, Reservation } from './model'

const UNIT = 1_000_000
const SECONDS = 3_600
const request = (max: number, cost = 1, key = 'a'): LimitRequest => ({
  key,
  windowStart: 0,
  windowSeconds: SECONDS,
  max: max * UNIT,
  cost: Math.round(cost * UNIT),
})
const usedIn = async (store: CounterStore, key = 'a') =>
  ((await store.read([{ key, windowStart: 0, windowSeconds: SECONDS }])).get(key) ?? 0) / UNIT

/** A store that counts what it is asked, and may be cut off. */
function counted(store: CounterStore = new MemoryCounterStore()) {
  const state = { asked: 0, isAway: false }
  const ask = <T>(answer: () => Promise<T>) => {
    state.asked += 1
    return state.isAway ? Promise.reject(new Error('away')) : answer()
  }
  const watched: CounterStore = {
    reserve: (requests, now) => ask(() => store.reserve(requests, now)),
    refund: (reservation, now) => ask(() => store.refund(reservation, now)),
    read: keys => ask(() => store.read(keys)),
  }
  return { state, watched, store }
}

type Step = { proxy: number; kind: 'take' | 'refund' | 'idle' | 'close'; cost: number; other: number; at: number }
const step: fc.Arbitrary<Step> = fc.record({
  proxy: fc.nat(1),
  kind: fc.constantFrom('take', 'take', 'take', 'take', 'refund', 'idle', 'close'),
  cost: fc.constantFrom(0.25, 1, 1, 1, 3),
  other: fc.constantFrom(0, 0, 0, 1, 2),
  at: fc.nat(4_000),
})

test('whatever is taken, given back and cut through by whom: never more than max, a twentieth ahead at most, nothing lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 200 }),
      fc.array(step, { maxLength: 120 }),
      async (scheduler, max, steps) => {
        const memory = new MemoryCounterStore()
        const slow: CounterStore = {
          reserve: scheduler.scheduleFunction((requests, now) => memory.reserve(requests, now)),
          refund: scheduler.scheduleFunction((reservation: Reservation) => memory.refund(reservation)),
          read: scheduler.scheduleFunction(keys => memory.read(keys)),
        }
        const proxies = [new LeasedCounterStore(slow), new LeasedCounterStore(slow)] as const
        const held: { proxy: number; reservation: Reservation }[] = []
        const running = steps.map(async ({ proxy, kind, cost, other, at }) => {
          const store = proxies[proxy as 0 | 1]
          if (kind === 'idle') return store.giveBackIdle(at)
          if (kind === 'close') return store.close()
          const last = kind === 'refund' ? held.pop() : undefined
          if (last) return proxies[last.proxy as 0 | 1].refund(last.reservation, at)
          const more = other > 0 ? [request(max * 2, other, 'b')] : []
          const outcome = await store.reserve([request(max, cost), ...more], at)
          if (outcome.ok) held.push({ proxy, reservation: outcome.reservation })
        })
        await scheduler.waitFor(Promise.all(running))
        const netOf = (key: string) =>
          held
            .flatMap(({ reservation }) => reservation.taken)
            .reduce((sum, p) => sum + (p.key === key ? p.cost : 0), 0) / UNIT
        const ahead = (await usedIn(memory)) - netOf('a')
        expect(netOf('a')).toBeLessThanOrEqual(max)
        expect(await usedIn(memory)).toBeLessThanOrEqual(max)
        expect(ahead).toBeGreaterThanOrEqual(0)
        expect(ahead).toBeLessThanOrEqual(2 * 0.05 * max + 1e-6)
        await scheduler.waitFor(Promise.all(proxies.map(store => store.close())))
        expect(await usedIn(memory)).toBeCloseTo(netOf('a'), 9)
        expect(await usedIn(memory, 'b')).toBeCloseTo(netOf('b'), 9)
      },
    ),
    { numRuns: 300 },
  )
})

describe('a hot counter', () => {
  test('costs few round trips, and its last unit still passes', async () => {
    const { state, watched, store } = counted()
    const leased = new LeasedCounterStore(watched)
    const passed: boolean[] = []
    for (let i = 0; i < 1_200; i++) passed.push((await leased.reserve([request(1_000)], i)).ok)
    expect(passed.indexOf(false)).toBe(1_000)
    expect(passed.slice(1_000)).not.toContain(true)
    expect(await usedIn(store)).toBe(1_000)
    const beforeTheEnd = state.asked
    expect(beforeTheEnd).toBeLessThan(330)
  })

  test('that is read counts what was used, not what is held', async () => {
    const { watched, store } = counted()
    const leased = new LeasedCounterStore(watched)
    for (let i = 0; i < 25; i++) await leased.reserve([request(1_000)], i)
    expect(await usedIn(leased)).toBe(25)
    expect(await usedIn(store)).toBeGreaterThan(25)
  })
})

test('a counter that is seldom used is never held ahead', async () => {
  const { watched, store } = counted()
  const leased = new LeasedCounterStore(watched)
  for (let i = 0; i < 20; i++) {
    await leased.reserve([request(1_000)], i * 2_000)
    expect(await usedIn(store)).toBe(i + 1)
  }
})

test('what is held ahead passes while the store is away; what is beyond it is refused, and takes nothing', async () => {
  const { state, watched, store } = counted()
  const leased = new LeasedCounterStore(watched)
  for (let i = 0; i < 40; i++) await leased.reserve([request(1_000)], i)
  const ahead = (await usedIn(store)) - 40
  expect(ahead).toBeGreaterThan(0)
  state.isAway = true
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => leased.reserve([request(1_000)], 50)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(ahead)
  state.isAway = false
  expect(await usedIn(leased)).toBe(40 + ahead)
})

test('calls that wait for a store that hangs are refused together, not one after the other', async () => {
  let asked = 0
  const hanging: CounterStore = {
    reserve: () => {
      asked += 1
      return new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 50))
    },
    refund: async () => undefined,
    read: async () => new Map(),
  }
  const leased = new LeasedCounterStore(hanging)
  const startedAt = performance.now()
  await Promise.allSettled(Array.from({ length: 200 }, () => leased.reserve([request(1_000)], 0)))
  expect(performance.now() - startedAt).toBeLessThan(500)
  expect(asked).toBeLessThan(5)
})

test('what is not used goes back after a second, and before the window ends', async () => {
  for (const at of [1_100, SECONDS * 1_000 - 500]) {
    const { watched, store } = counted()
    const leased = new LeasedCounterStore(watched)
    for (let i = 0; i < 25; i++) await leased.reserve([request(1_000)], i)
    await leased.giveBackIdle(500)
    expect(await usedIn(store)).toBeGreaterThan(25)
    await leased.giveBackIdle(at)
    expect(await usedIn(store)).toBe(25)
  }
})

test('what is held under a bound that was lowered since does not count any more', async () => {
  const { watched } = counted()
  const leased = new LeasedCounterStore(watched)
  for (let i = 0; i < 60; i++) await leased.reserve([request(1_000)], i)
  expect((await leased.reserve([request(50)], 61)).ok).toBe(false)
  expect((await leased.reserve([request(1_000)], 61)).ok).toBe(true)
})
