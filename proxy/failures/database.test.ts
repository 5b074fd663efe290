import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../log'
import { startProxy } from '../proxy'
import { cuttable } from '../testing/cuttable'
import { type Gateway, startGateway, until } from '../testing/gateway'
import { ownPostgres } from '../testing/own-postgres'
import { bundleProxy, type ProxyBundle, startProxyProcess } from '../testing/process'
import { expectPromise, numberedCaller } from '../testing/promise'

// AUDIT_DURABILITY=database: no record in Postgres, no call; and nothing on this machine's disk is needed to know what was cut.

const ROUNDS = process.env.INTERCEPT_LONG ? 40 : 10

let gateway: Gateway
let bundle: ProxyBundle
beforeAll(async () => {
  bundle = await bundleProxy()
})
afterAll(() => bundle.remove())
afterEach(() => gateway.stop())

test('records are there when the call is answered, with one chain, and a restart goes on', async () => {
  gateway = await startGateway({ settings: { durability: 'database' } })
  const caller = await numberedCaller(gateway)
  for (let i = 0; i < 3; i++) {
    expect(await caller.call(30)).toEqual(Array(30).fill('result'))
    const { sql } = gateway.database.database
    const [row] = await sql.query<{ count: string }>('SELECT count(*) FROM decisions')
    expect(Number(row?.count)).toBe((i + 1) * 30)
  }
  await gateway.proxy.stop()
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  const again = await numberedCaller(gateway)
  await again.call(10)
  expect(gateway.spooled()).toEqual([])
  const { records, report } = await expectPromise(gateway, [caller, again])
  expect(records.every(({ outcome }) => outcome === 'result')).toBe(true)
  expect(report).toMatchObject({ isIntact: true, records: 200 })
})

test('Postgres away: calls are refused at once and reach nobody, denials stay denials, and calls go on by themselves', {
  timeout: 60_000,
}, async () => {
  gateway = await startGateway({
    settings: { durability: 'database' },
    policy: 'default: allow\nhide: [fail]\ntools: {}\n',
  })
  await gateway.proxy.stop()
  const relay = await cuttable(gateway.settings.databaseUrl)
  onTestFinished(() => relay.close())
  gateway.proxy = await startProxy(
    { ...gateway.settings, databaseUrl: relay.url(gateway.settings.databaseUrl) },
    silentLog,
  )
  const caller = await numberedCaller(gateway)
  const slow = caller.call(1, { tool: 'slow', args: { ms: 1_000 } })
  await until(() => gateway.calls().length === 1)
  relay.cut()
  expect(await caller.call(20)).toEqual(Array(20).fill('audit_unavailable'))
  expect(await caller.call(1, { tool: 'fail' })).toEqual(['not_available'])
  // Its outcome waits until Postgres is back.
  expect(await slow).toEqual(['result'])
  expect(gateway.calls()).toHaveLength(1)
  relay.mend()
  await until(async () => (await caller.call(1))[0] === 'result', 10_000)
  // The chain that the outage ended is signed to its end, though nothing could be signed when it ended.
  const { sql } = gateway.database.database
  const signed = () => sql.query('SELECT DISTINCT chain FROM checkpoints')
  await until(async () => (await signed()).length >= 1, 10_000)
  await gateway.proxy.stop()
  const { records, report } = await expectPromise(gateway, [caller])
  expect(records.filter(({ tool, outcome }) => tool === 'slow' && outcome === 'result')).toHaveLength(1)
  expect(report.isIntact).toBe(true)
  expect(report.chains.length).toBeGreaterThan(1)
  expect(report.chains.filter(({ last, signedTo }) => signedTo < last)).toEqual([])
})

test('Postgres frozen: what may have been recorded and was refused is recorded as not sent', {
  timeout: 60_000,
}, async () => {
  const postgres = await ownPostgres()
  gateway = await startGateway({ database: postgres, settings: { durability: 'database' } })
  const caller = await numberedCaller(gateway)
  await caller.call(5)
  postgres.freeze()
  const told = await caller.call(10)
  postgres.thaw()
  expect(told).toEqual(Array(10).fill('audit_unavailable'))
  await until(async () => (await caller.call(1))[0] === 'result', 20_000)
  const { records, report } = await expectPromise(gateway, [caller])
  expect(records.filter(({ outcome }) => outcome === 'unknown')).toEqual([])
  expect(report.isIntact).toBe(true)
})

test(`killed ${ROUNDS} times, each call that reached the server is on record, and cut ones are unknown`, {
  timeout: ROUNDS * 15_000,
}, async () => {
  gateway = await startGateway({ settings: { durability: 'database' } })
  await gateway.proxy.stop()
  const callers = []
  let cut = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { child } = await startProxyProcess(gateway, bundle)
    const caller = await numberedCaller(gateway)
    callers.push(caller)
    const calling = Array.from({ length: 6 }, async () => {
      while ((await caller.call(1, { tool: 'slow', args: { ms: 5 } }))[0] === 'result');
    })
    await until(() => caller.told.size > 0, 30_000)
    await sleep(Math.random() * 120)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await Promise.all(calling)
  }
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  const { records, report } = await expectPromise(gateway, callers)
  cut = records.filter(({ outcome }) => outcome === 'unknown').length
  process.stdout.write(`${ROUNDS} kills with the record in Postgres: ${records.length} records, ${cut} unknown\n`)
  expect(cut).toBeGreaterThanOrEqual(ROUNDS / 2)
  expect(report).toMatchObject({ isIntact: true, records: records.length * 2 })
})

test('two processes of one name: the one that began last writes, the other refuses all calls', async () => {
  gateway = await startGateway({ settings: { durability: 'database' } })
  const first = gateway.proxy
  const caller = await numberedCaller(gateway)
  await caller.call(5)
  // On another machine: another data folder.
  const dataDir = `${gateway.folder}/elsewhere`
  const second = await startProxy({ ...gateway.settings, dataDir }, silentLog)
  await until(async () => (await caller.call(1))[0] === 'audit_unavailable')
  expect(await caller.call(5)).toEqual(Array(5).fill('audit_unavailable'))
  gateway.proxy = second
  const other = await numberedCaller(gateway)
  expect(await other.call(5)).toEqual(Array(5).fill('result'))
  await first.stop()
  const { report } = await expectPromise(gateway, [caller, other])
  expect(report.isIntact).toBe(true)
})
