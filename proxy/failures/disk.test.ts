import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, onTestFinished, type TestContext, test } from 'vitest'
import { silentLog } from '../log'
import { startProxy } from '../proxy'
import { cuttable } from '../testing/cuttable'
import { type Gateway, startGateway, until } from '../testing/gateway'
import { expectPromise, numberedCaller } from '../testing/promise'
import { type SmallDisk, smallDisk } from '../testing/small-disk'

// No record, no call: what holds when the disk under the spool is full or takes no writing, and after it does again.

let gateway: Gateway
let disk: SmallDisk | null
afterEach(async () => {
  await gateway.proxy.stop()
  disk?.unmount()
  await gateway.stop()
})

/** A gateway whose spool is on a disk of its own. */
async function onDisk(context: TestContext): Promise<SmallDisk> {
  gateway = await startGateway({ settings: { durability: 'fsync' } })
  await gateway.proxy.stop()
  const spool = path.join(gateway.folder, 'spool')
  rmSync(spool, { recursive: true })
  disk = smallDisk(spool, 1_024)
  if (!disk) return context.skip('this account may mount no tmpfs')
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  return disk
}

const refused = (count: number) => Array(count).fill('audit_unavailable')
const goesOn = async (caller: { call(count: number): Promise<string[]> }) =>
  until(async () => (await caller.call(1))[0] === 'result', 10_000)

test('disk full, by another one’s file: calls are refused, and go on when there is room', {
  timeout: 60_000,
}, async context => {
  const disk = await onDisk(context)
  const caller = await numberedCaller(gateway)
  await caller.call(20)
  disk.fill()
  const answers = await caller.call(200, { args: { filler: 'x'.repeat(1_000) } })
  expect(answers).toContain('audit_unavailable')
  const reached = gateway.calls().length
  expect(await caller.call(20, { args: { filler: 'x'.repeat(5_000) } })).toEqual(refused(20))
  expect(gateway.calls()).toHaveLength(reached)
  disk.empty()
  await goesOn(caller)
  const { report } = await expectPromise(gateway, [caller])
  expect(report.isIntact).toBe(true)
})

test('disk full, by the spool itself while Postgres is away: it empties by itself when Postgres is back', {
  timeout: 60_000,
}, async context => {
  await onDisk(context)
  await gateway.proxy.stop()
  const relay = await cuttable(gateway.settings.databaseUrl)
  onTestFinished(() => relay.close())
  const databaseUrl = relay.url(gateway.settings.databaseUrl)
  gateway.proxy = await startProxy({ ...gateway.settings, databaseUrl }, silentLog)
  const caller = await numberedCaller(gateway)
  await caller.call(5)
  relay.cut()
  // Calls at once are recorded in one write, for which there may be no room where there is some for one call.
  const isFull = async () => {
    await caller.call(10, { args: { filler: 'x'.repeat(2_000) } })
    return (await caller.call(1, { args: { filler: 'x'.repeat(2_000) } }))[0] === 'audit_unavailable'
  }
  await until(isFull, 20_000)
  const reached = gateway.calls().length
  expect(await caller.call(20, { args: { filler: 'x'.repeat(2_000) } })).toEqual(refused(20))
  expect(gateway.calls()).toHaveLength(reached)
  relay.mend()
  await until(async () => (await caller.call(1))[0] === 'result', 20_000)
  const { report } = await expectPromise(gateway, [caller])
  expect(report.isIntact).toBe(true)
  // What was shipped is given back.
  const segments = () => readdirSync(path.join(gateway.folder, 'spool', 'test')).filter(name => name.endsWith('.log'))
  await until(() => segments().length <= 1, 10_000)
})

test('spool unwritable: calls are refused, denials stay denials, and calls go on when it can be written', {
  timeout: 60_000,
}, async context => {
  const disk = await onDisk(context)
  await gateway.publish('default: allow\nhide: [fail]\ntools: {}\n')
  const caller = await numberedCaller(gateway)
  disk.remount('ro')
  expect(await caller.call(20)).toEqual(refused(20))
  expect(await caller.call(1, { tool: 'fail' })).toEqual(['not_available'])
  expect(gateway.calls()).toEqual([])
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()
  expect(metrics).toMatch(/^intercept_audit_gap_total 21$/m)
  disk.remount('rw')
  await goesOn(caller)
  const { records, report } = await expectPromise(gateway, [caller])
  expect(records).toHaveLength(1)
  expect(report.isIntact).toBe(true)
})

test('a spool that cannot be written when the proxy starts: it does not start, and says why', async context => {
  const disk = await onDisk(context)
  await gateway.proxy.stop()
  disk.remount('ro')
  await expect(startProxy(gateway.settings, silentLog)).rejects.toThrow(/EROFS.*spool/)
  disk.remount('rw')
  gateway.proxy = await startProxy(gateway.settings, silentLog)
})
