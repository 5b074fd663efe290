import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sqlOver } from '@/lib/db/sql'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import type { CounterStore } from '@/lib/limits/model'
import { startRedisCluster } from '@/lib/limits/testing/redis-cluster'
import { hasRedis, type RedisServer, startRedis } from '@/lib/limits/testing/redis-server'
import { openSharedLimits, type SharedLimits } from './shared-limits'
import { startGateway, until } from './testing/gateway'

// What two proxies with leases of their own promise together, over each store that proxies share.
const DAY = 86_400
const UNIT = 1_000_000
let database: TestDatabase
let redis: RedisServer | null = null
const pools: pg.Pool[] = []
const opened: SharedLimits[] = []
let names = 0

beforeAll(async () => {
  database = await testDatabase()
  if (hasRedis) redis = await startRedis()
})
afterAll(async () => {
  for (const limits of opened) await limits.close()
  for (const pool of pools) await pool.end()
  await redis?.stop()
  await database.close()
})

async function openProxy(kind: string): Promise<CounterStore> {
  const pool = new pg.Pool({ connectionString: database.proxyUrl, max: 4 })
  pools.push(pool)
  const limits = await openSharedLimits(kind === 'redis' ? redis?.url : undefined, sqlOver(pool))
  opened.push(limits)
  return limits.store
}

const today = () => Math.floor(Date.now() / (DAY * 1000)) * DAY * 1000
async function doesPass(store: CounterStore, key: string, max: number): Promise<boolean> {
  const request = { key, windowStart: today(), windowSeconds: DAY, max: max * UNIT, cost: UNIT }
  return (await store.reserve([request], Date.now())).ok
}

describe.each(hasRedis ? ['postgres', 'redis'] : ['postgres'])('over %s', kind => {
  test.each([1, 7, 40, 300])('of 10 × %i calls at once through two proxies exactly that many pass', async max => {
    const proxies = [await openProxy(kind), await openProxy(kind)] as const
    const key = `at-once-${++names}`
    const calls = Array.from({ length: 10 * max }, (_, i) => doesPass(proxies[(i % 2) as 0 | 1], key, max))
    expect((await Promise.all(calls)).filter(Boolean)).toHaveLength(max)
  })

  test('what a proxy holds and does not use passes through another, while calls keep coming', async () => {
    const [quiet, busy] = [await openProxy(kind), await openProxy(kind)]
    const key = `quiet-${++names}`
    let passed = 0
    for (let i = 0; i < 120; i++) if (await doesPass(quiet, key, 400)) passed += 1
    await until(async () => {
      for (let i = 0; i < 100; i++) if (await doesPass(busy, key, 400)) passed += 1
      return passed >= 400
    }, 10_000)
    await sleep(300)
    expect(await doesPass(busy, key, 400)).toBe(false)
    expect(await doesPass(quiet, key, 400)).toBe(false)
    expect(passed).toBe(400)
  })

  test('a holder that is killed takes no more than its lease with it, and nobody gets more than there was', async () => {
    const key = `killed-${++names}`
    const place = kind === 'redis' ? (redis?.url ?? '') : ''
    const holder = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        path.join(import.meta.dirname, 'testing/lease-holder.ts'),
        place,
        database.proxyUrl,
        key,
        '400',
        '120',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [first] = await once(holder.stdout, 'data')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(Number(first)).toBe(120)
    const other = await openProxy(kind)
    const calls = await Promise.all(Array.from({ length: 2_000 }, () => doesPass(other, key, 400)))
    const passed = 120 + calls.filter(Boolean).length
    expect(passed).toBeLessThan(400)
    expect(passed).toBeGreaterThanOrEqual(380)
  })
})

if (!hasRedis)
  console.warn('redis-server is not installed: limits over Redis are not tested here (apt-get install redis-server).')
describe.runIf(hasRedis)('a proxy with Redis', () => {
  test('counts there, and refuses with an alarm what needs it once it is gone', async () => {
    const own = await startRedis()
    const policy =
      'default: allow\ntools:\n  echo: { rules: [{ name: few, action: allow, rate_limit: { max: 3, window: 86400, per: server } }] }\n'
    const gateway = await startGateway({ policy, settings: { redisUrl: own.url } })
    const client = await gateway.connect()
    const call = async (name: string) => {
      const result = await client.callTool({ name, arguments: name === 'echo' ? { text: 'x' } : { ms: 0 } })
      return (
        (result._meta as { 'intercept/decision'?: { code: string } } | undefined)?.['intercept/decision']?.code ?? 'ok'
      )
    }
    expect([await call('echo'), await call('echo'), await call('echo'), await call('echo')]).toEqual([
      'ok',
      'ok',
      'ok',
      'rate_limited',
    ])
    expect(await database.database.sql.query('SELECT 1 AS one FROM counters WHERE key LIKE $1', ['%echo%'])).toEqual([])
    await own.stop()
    expect(await call('echo')).toBe('limits_unavailable')
    expect(await call('slow')).toBe('ok')
    const metrics = await (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()
    expect(metrics).toMatch(/^intercept_limits_store_up 0$/m)
    expect(metrics).toMatch(/^intercept_limits_unavailable_total 1$/m)
    await gateway.stop()
  })
})

describe.runIf(hasRedis)('a proxy with a cluster of Redis', () => {
  test('counts exactly there, and refuses in time what needs a node that is gone', { timeout: 60_000 }, async () => {
    const cluster = await startRedisCluster()
    const pool = new pg.Pool({ connectionString: database.proxyUrl, max: 1 })
    const proxies = await Promise.all([1, 2].map(() => openSharedLimits(cluster.url, sqlOver(pool))))
    const [one, two] = proxies.map(({ store }) => store) as [CounterStore, CounterStore]
    const key = `cluster-${++names}`
    const calls = Array.from({ length: 400 }, (_, i) => doesPass(i % 2 ? one : two, key, 40))
    expect((await Promise.all(calls)).filter(Boolean)).toHaveLength(40)
    // Every counter has the one hash tag: a call's limits are taken together, so they must live together.
    await cluster.killHolderOf('{intercept}')
    await expect(doesPass(one, `cluster-${++names}`, 40)).rejects.toThrow()
    await Promise.all(proxies.map(limits => limits.close()))
    await pool.end()
    await cluster.stop()
  })
})
