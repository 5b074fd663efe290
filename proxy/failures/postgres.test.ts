import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../log'
import { startProxy } from '../proxy'
import { type Gateway, startGateway, until } from '../testing/gateway'
import { ownPostgres } from '../testing/own-postgres'
import { expectPromise, numberedCaller } from '../testing/promise'

// No record, no call: what holds while Postgres is stopped, frozen or takes nothing, and after it comes back.

let gateway: Gateway
afterEach(() => gateway.stop())

const spooledBytes = async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()
  return Number(/^intercept_spool_bytes (\d+)$/m.exec(metrics)?.[1])
}

async function asOwner(statement: string): Promise<void> {
  const owner = new pg.Client({ connectionString: gateway.database.ownerUrl })
  await owner.connect()
  await owner.query(statement).finally(() => owner.end())
}

test('Postgres stopped and started: calls go on, and their records arrive whole', { timeout: 90_000 }, async () => {
  const postgres = await ownPostgres()
  gateway = await startGateway({ database: postgres })
  const caller = await numberedCaller(gateway)
  await caller.call(20)
  await until(async () => (await spooledBytes()) === 0)
  await postgres.stop()
  expect(await caller.call(40)).toEqual(Array(40).fill('result'))
  expect(await spooledBytes()).toBeGreaterThan(0)
  await postgres.start()
  await until(async () => (await spooledBytes()) === 0, 20_000)
  await caller.call(20)
  const { records, report } = await expectPromise(gateway, [caller])
  expect(records).toHaveLength(80)
  expect(report).toMatchObject({ isIntact: true, records: 160 })
  // What is in force follows again too.
  await gateway.publish('default: deny\ntools: {}\n')
  await until(async () => (await caller.call(1))[0] === 'default_deny', 10_000)
})

test('the socket of Postgres frozen (SIGSTOP): no call waits for it, and all records arrive', {
  timeout: 90_000,
}, async () => {
  const postgres = await ownPostgres()
  gateway = await startGateway({ database: postgres })
  const caller = await numberedCaller(gateway)
  await caller.call(20)
  postgres.freeze()
  expect(await caller.call(40)).toEqual(Array(40).fill('result'))
  // A proxy that is started in front of a frozen Postgres must end, too, and its spool must be whole.
  await gateway.proxy.stop()
  postgres.thaw()
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  await until(async () => (await spooledBytes()) === 0, 30_000)
  const { records, report } = await expectPromise(gateway, [caller])
  expect(records).toHaveLength(60)
  expect(report).toMatchObject({ isIntact: true, records: 120 })
})

test('REVOKE: when Postgres takes no record the spool fills, calls are refused, and they go on once it does', {
  timeout: 60_000,
}, async () => {
  gateway = await startGateway({ settings: { spoolMaxBytes: 40_000, identityShare: 1 } })
  const caller = await numberedCaller(gateway)
  await caller.call(5)
  await asOwner('REVOKE INSERT ON decisions, outcomes FROM intercept_proxy')
  await asOwner('REVOKE EXECUTE ON FUNCTION record_calls(jsonb, jsonb) FROM intercept_proxy')
  const told = async () => (await caller.call(10)).includes('audit_unavailable')
  await until(told, 20_000)
  const reached = gateway.calls().length
  expect(await caller.call(10)).toEqual(Array(10).fill('audit_unavailable'))
  expect(gateway.calls()).toHaveLength(reached)
  await asOwner('GRANT EXECUTE ON FUNCTION record_calls(jsonb, jsonb) TO intercept_proxy')
  await until(async () => (await caller.call(1))[0] === 'result', 20_000)
  const { report } = await expectPromise(gateway, [caller])
  expect(report.isIntact).toBe(true)
})
