import { Cluster } from 'ioredis'
import { afterAll, describe, expect, test } from 'vitest'
import { MemoryCounterStore } from './memory'
import type { CounterStore, LimitRequest } from './model'
import { RedisCounterStore } from './redis'
import { readRedisPlace } from './redis-place'
import { startRedisCluster } from './testing/redis-cluster'
import { hasRedis, startRedis } from './testing/redis-server'

// What every store promises, told once. Day-long windows, so that a test does not straddle two.
const DAY = 86_400
const unit = 1_000_000
const today = () => Math.floor(Date.now() / (DAY * 1000)) * DAY * 1000
let names = 0
const fresh = () => `counter-${process.pid}-${++names}`
const request = (key: string, max: number, cost = 1): LimitRequest => ({
  key,
  windowStart: today(),
  windowSeconds: DAY,
  max: max * unit,
  cost: Math.round(cost * unit),
})

function promises(open: () => [CounterStore, CounterStore]) {
  const used = async (store: CounterStore, key: string) =>
    (await store.read([{ key, windowStart: today(), windowSeconds: DAY }])).get(key)

  test('of 10 N calls at once through two proxies exactly N pass', async () => {
    const [one, two] = open()
    const key = fresh()
    const calls = Array.from({ length: 200 }, (_, i) => (i % 2 ? one : two).reserve([request(key, 20)], Date.now()))
    const passed = (await Promise.all(calls)).filter(outcome => outcome.ok)
    expect(passed).toHaveLength(20)
    expect(await used(two, key)).toBe(20 * unit)
  })

  test('several limits are reserved together or not at all', async () => {
    const [store] = open()
    const [wide, narrow] = [fresh(), fresh()]
    expect((await store.reserve([request(wide, 5), request(narrow, 1)], Date.now())).ok).toBe(true)
    const refused = await store.reserve([request(wide, 5), request(narrow, 1)], Date.now())
    expect(refused).toEqual({ ok: false, refused: { index: 1, used: unit, resetsAt: today() + DAY * 1000 } })
    expect(await used(store, wide)).toBe(unit)
  })

  test('the same counter twice in one call takes twice', async () => {
    const [store] = open()
    const key = fresh()
    expect((await store.reserve([request(key, 2), request(key, 2)], Date.now())).ok).toBe(true)
    expect((await store.reserve([request(key, 3), request(key, 3)], Date.now())).ok).toBe(false)
    expect(await used(store, key)).toBe(2 * unit)
  })

  test('a refund goes back into the window it came from, once whole, and never below zero', async () => {
    const [store] = open()
    const key = fresh()
    const outcome = await store.reserve([request(key, 1)], Date.now())
    if (!outcome.ok) throw new Error('refused')
    const earlier = { taken: [{ key, windowStart: today() - DAY * 1000, cost: unit }] }
    await store.refund(earlier, Date.now())
    expect(await used(store, key)).toBe(unit)
    await store.refund(outcome.reservation, Date.now())
    await store.refund(outcome.reservation, Date.now())
    expect(await used(store, key)).toBe(0)
    expect((await store.reserve([request(key, 1)], Date.now())).ok).toBe(true)
  })

  test('a budget is exact in millionths', async () => {
    const [store] = open()
    const key = fresh()
    for (let i = 0; i < 10; i++) expect((await store.reserve([request(key, 1, 0.1)], Date.now())).ok).toBe(true)
    expect((await store.reserve([request(key, 1, 0.000001)], Date.now())).ok).toBe(false)
    expect((await store.reserve([request(key, 1, 0)], Date.now())).ok).toBe(true)
  })

  test('no limits, nothing to refuse', async () => {
    const [store] = open()
    expect(await store.reserve([], Date.now())).toEqual({ ok: true, reservation: { taken: [] } })
  })
}

describe('memory', () => {
  const store = new MemoryCounterStore()
  promises(() => [store, store])
})

if (!hasRedis)
  console.warn('redis-server is not installed: the Redis store is not tested here (apt-get install redis-server).')
describe.runIf(hasRedis)('redis', async () => {
  const server = hasRedis ? await startRedis() : undefined
  afterAll(() => server?.stop())
  if (server) {
    const stores: [CounterStore, CounterStore] = [
      new RedisCounterStore(server.connect()),
      new RedisCounterStore(server.connect()),
    ]
    promises(() => stores)
    test('out of reach, it rejects', async () => {
      const gone = await startRedis()
      const client = gone.connect()
      const store = new RedisCounterStore(client)
      await gone.stop()
      await expect(store.reserve([request(fresh(), 1)])).rejects.toThrow()
    })
  }
})

describe.runIf(hasRedis)('a cluster of redis', async () => {
  const cluster = hasRedis ? await startRedisCluster() : undefined
  const place = cluster && readRedisPlace(cluster.url)
  const clients = [1, 2].map(
    () => new Cluster(place?.kind === 'cluster' ? [...place.nodes] : [], { lazyConnect: !place }),
  )
  afterAll(async () => {
    for (const client of clients) client.disconnect()
    await cluster?.stop()
  })
  const [one, two] = clients.map(client => new RedisCounterStore(client))
  if (one && two) promises(() => [one, two])
})
