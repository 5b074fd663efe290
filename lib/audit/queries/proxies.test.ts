import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { memberWith } from '../testing/records'
import { readProxies, readStrip } from './index'

const viewer = memberWith('viewer')
let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
  const { prisma } = db.database
  const policy = await prisma.policy.create({ data: { id: uuidv7(), name: 'every-server.yaml' } })
  for (const number of [1, 2]) {
    await prisma.revision.create({ data: { number, policyId: policy.id, text: '', digest: '', publishedBy: 'Ada' } })
    await prisma.bundle.create({ data: { number, digest: '', policies: [] } })
  }
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

async function beat(name: string, fields: object = {}): Promise<void> {
  const client = new pg.Client({ connectionString: db.proxyUrl })
  await client.connect()
  try {
    const said = { name, version: '0.1.0', started_at: '2026-11-22T10:00:00Z', revision: 2, status: {}, ...fields }
    await client.query('SELECT proxy_heartbeat($1::jsonb)', [JSON.stringify(said)])
  } finally {
    await client.end()
  }
}

beforeEach(async () => {
  const owner = new pg.Client({ connectionString: db.ownerUrl })
  await owner.connect()
  await owner.query('DELETE FROM proxies')
  await owner.end()
})

test('without a proxy the strip says that none runs', async () => {
  expect(await readStrip(viewer)).toMatchObject({
    revision: 2,
    proxies: 0,
    agreeing: 0,
    activatedAt: null,
    addedMs: null,
  })
})

test('proxies agree when each has the newest revision in force', async () => {
  await beat('a', { activated_at: '2026-11-22T11:00:00Z' })
  await beat('b', { activated_at: '2026-11-22T11:00:02Z' })
  const strip = await readStrip(viewer)
  expect(strip).toMatchObject({ proxies: 2, agreeing: 2 })
  expect(strip.activatedAt?.toISOString()).toBe('2026-11-22T11:00:02.000Z')
})

test('one behind is counted, and the strip names no time of activation', async () => {
  await beat('a', { activated_at: '2026-11-22T11:00:00Z' })
  await beat('b', { revision: 1, activated_at: '2026-11-22T10:00:00Z' })
  expect(await readStrip(viewer)).toMatchObject({ proxies: 2, agreeing: 1, activatedAt: null })
})

test('a proxy that stopped is no longer counted; one that fell silent is late', async () => {
  await beat('a', { stopped_at: '2026-11-22T11:00:00Z' })
  await beat('b')
  expect(await readStrip(viewer)).toMatchObject({ proxies: 1, late: 0 })
  const inAMinute = Date.now() + 60_000
  expect(await readStrip(viewer, inAMinute)).toMatchObject({ proxies: 0, late: 1 })
  const states = (await readProxies(viewer, inAMinute)).proxies.map(({ name, state }) => [name, state])
  expect(states).toEqual([
    ['b', 'late'],
    ['a', 'stopped'],
  ])
})

test('a status of another version is read as far as it is understood', async () => {
  await beat('a', { status: { spoolBytes: 'many', unknown: { deep: true } } })
  expect((await readProxies(viewer)).proxies[0]?.status).toEqual({})
})

test('the strip says the worst of the proxies, and nothing of those without calls', async () => {
  await beat('a', { status: { shippedLagMs: 300, addedP50Ms: 0.2, addedP99Ms: 1.4, auditGap: 1, spoolBytes: 10 } })
  await beat('b', { status: { shippedLagMs: 900, addedP50Ms: 0, addedP99Ms: 0, auditGap: 2, spoolBytes: 5 } })
  expect(await readStrip(viewer)).toMatchObject({
    shipLagMs: 900,
    addedMs: { p50: 0.2, p99: 1.4 },
    auditGap: 3,
    spoolBytes: 15,
  })
})

test('faults in the record are told by proxy, until it stops', async () => {
  await beat('a', { status: { auditGap: 0, quarantined: 0, damagedLines: 0 } })
  await beat('b', { status: { auditGap: 2, quarantined: 1 } })
  await beat('c', { status: { damagedLines: 3 }, stopped_at: '2026-11-22T11:00:00Z' })
  const alarms = [{ proxy: 'b', auditGap: 2, quarantined: 1, damagedLines: 0 }]
  expect((await readStrip(viewer)).alarms).toEqual(alarms)
  // A proxy that fell silent is as suspect as it was.
  expect((await readStrip(viewer, Date.now() + 60_000)).alarms).toEqual(alarms)
})

test('nobody without a role reads it', async () => {
  await expect(readStrip(memberWith())).rejects.toMatchObject({ kind: 'forbidden' })
})
