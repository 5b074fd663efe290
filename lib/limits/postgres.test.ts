import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '@/lib/db/client'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import type { LimitRequest } from './model'
import { PostgresCounterStore } from './postgres'

const DAY = 86_400
const UNIT = 1_000_000
let database: TestDatabase
let proxy: Database
let store: PostgresCounterStore
let count = 0

beforeAll(async () => {
  database = await testDatabase()
  proxy = openDatabase(database.proxyUrl, 8)
  store = new PostgresCounterStore(proxy.sql)
})
afterAll(async () => {
  await proxy.close()
  await database.close()
})

const today = () => Math.floor(Date.now() / (DAY * 1000)) * DAY * 1000
const fresh = () => `counter-${++count}`
const request = (key: string, max: number, cost = 1): LimitRequest => ({
  key,
  windowStart: 0,
  windowSeconds: DAY,
  max: max * UNIT,
  cost: cost * UNIT,
})
const used = async (key: string) => (await store.read([{ key, windowStart: 0, windowSeconds: DAY }])).get(key)

test('of ten times N calls at once exactly N pass, with the proxy’s own rights', async () => {
  const key = fresh()
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => store.reserve([request(key, 10)])))
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(10)
  expect(await used(key)).toBe(10 * UNIT)
})

test('several limits are taken together or not at all, and the refusal names the one that did not fit', async () => {
  const [wide, narrow] = [fresh(), fresh()]
  expect((await store.reserve([request(wide, 5), request(narrow, 1)])).ok).toBe(true)
  const free = { ...request(fresh(), 0, 0) }
  expect(await store.reserve([free, request(wide, 5), request(narrow, 1)])).toMatchObject({
    ok: false,
    refused: { index: 2, resetsAt: today() + DAY * 1000 },
  })
  expect(await used(wide)).toBe(UNIT)
})

test('windows are those of the database’s clock, and a refund goes back into its own', async () => {
  const key = fresh()
  const outcome = await store.reserve([request(key, 3, 0.5)])
  if (!outcome.ok) throw new Error('refused')
  expect(outcome.reservation.taken).toEqual([{ key, windowStart: today(), cost: 0.5 * UNIT }])
  await store.refund({ taken: [{ key, windowStart: today() - DAY * 1000, cost: UNIT }] })
  expect(await used(key)).toBe(0.5 * UNIT)
  await store.refund(outcome.reservation)
  await store.refund(outcome.reservation)
  expect(await used(key)).toBe(0)
})

test('nothing to take is nothing to refuse, and costs no query', async () => {
  const closed = new PostgresCounterStore({ query: () => Promise.reject(new Error('asked')) })
  expect(await closed.reserve([request('x', 0, 0)])).toEqual({ ok: true, reservation: { taken: [] } })
  expect(await closed.read([])).toEqual(new Map())
  await expect(closed.reserve([request('x', 1)])).rejects.toThrow('asked')
})
