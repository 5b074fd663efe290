import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { uuidTime } from '@/lib/db/uuid'
import { silentLog } from '../log'
import { startProxy } from '../proxy'
import { type Gateway, startGateway, until } from '../testing/gateway'
import { bundleProxy, type ProxyBundle, startProxyProcess } from '../testing/process'
import { expectPromise, numberedCaller } from '../testing/promise'

// No record, no call: the proxy as a process, on a machine whose clock is set back or whose disk answers EIO.

const HOUR_MS = 3_600_000
const besides = (name: string) => path.join(import.meta.dirname, '../testing', name)

let bundle: ProxyBundle
let gateway: Gateway
beforeAll(async () => {
  bundle = await bundleProxy()
})
afterAll(() => bundle.remove())
afterEach(() => gateway.stop())

test.each([
  ['two hours', -2 * HOUR_MS],
  ['forty days, past the oldest partition', -40 * 24 * HOUR_MS],
  ['four hours forward, then back', 4 * HOUR_MS],
])('clock set back: %s', { timeout: 60_000 }, async (_what, shiftMs) => {
  gateway = await startGateway({ settings: { durability: 'fsync' } })
  await gateway.proxy.stop()
  const clock = path.join(gateway.folder, 'clock')
  const { child } = await startProxyProcess(gateway, bundle, {
    preload: besides('shifting-clock.mjs'),
    environment: { CLOCK_FILE: clock },
  })
  const caller = await numberedCaller(gateway)
  await caller.call(20)
  // A key that nobody knows has the proxy look for news, at most so often: that must not wait for the old time to come again.
  const stranger = { authorization: `Bearer ik_stranger_${'x'.repeat(43)}` }
  expect((await gateway.post('{}', stranger)).status).toBe(401)
  writeFileSync(clock, String(shiftMs))
  await until(async () => {
    await caller.call(5)
    const times = (await gateway.decisions()).map(({ id }) => uuidTime(id) ?? 0)
    return times.some(at => Math.abs(at - Date.now() - shiftMs) < HOUR_MS)
  }, 10_000)
  expect((await gateway.post('{}', stranger)).status).toBe(401)
  rmSync(clock)
  expect((await gateway.post('{}', stranger)).status).toBe(401)
  // A jump forward makes what is in force look old, until Postgres confirms it.
  await until(async () => (await caller.call(1))[0] === 'result', 10_000)
  expect(await caller.call(20)).toEqual(Array(20).fill('result'))
  child.kill('SIGTERM')
  await once(child, 'exit')
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  const { records: all, report } = await expectPromise(gateway, [caller])
  const records = all.filter(({ code }) => code !== 'unauthenticated')
  expect(report).toMatchObject({ isIntact: true, records: all.length + records.length })
  expect(records).toHaveLength([...caller.told.values()].filter(told => told === 'result').length)
})

test('fdatasync fails (EIO): calls are refused, that file is never asked again, and calls go on in a new one', {
  timeout: 60_000,
}, async () => {
  gateway = await startGateway({ settings: { durability: 'fsync' } })
  await gateway.proxy.stop()
  const fault = path.join(gateway.folder, 'sync-fails')
  const { child, said } = await startProxyProcess(gateway, bundle, {
    preload: besides('failing-sync.mjs'),
    environment: { SYNC_FAILS: fault },
  })
  const caller = await numberedCaller(gateway)
  expect(await caller.call(10)).toEqual(Array(10).fill('result'))
  writeFileSync(fault, '')
  const reached = gateway.calls().length
  for (let i = 0; i < 5; i++) expect(await caller.call(2)).toEqual(['audit_unavailable', 'audit_unavailable'])
  expect(gateway.calls()).toHaveLength(reached)
  rmSync(fault)
  await until(async () => (await caller.call(1))[0] === 'result', 10_000)
  // Each refusal was a new file's.
  const asked = readFileSync(`${fault}.count`, 'utf8').trim().split('\n')
  expect(new Set(asked).size).toBeGreaterThanOrEqual(5)
  expect(existsSync(`${fault}.again`)).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  const { report } = await expectPromise(gateway, [caller])
  expect(report.isIntact).toBe(true)
  expect(said()).not.toContain('unhandled')
})

test('client gone mid-call, its socket destroyed: the outcome is recorded, and it is not unknown', async () => {
  gateway = await startGateway()
  const agent = new Agent({ keepAlive: true })
  const caller = await numberedCaller(gateway)
  await caller.call(1)
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'slow', arguments: { n: -7, ms: 300 } },
  })
  const gone = request(gateway.url(), {
    agent,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${gateway.key}`,
      'mcp-session-id': caller.session,
    },
  })
  gone.on('error', () => undefined)
  gone.end(body)
  await until(() => gateway.calls().some(({ name }) => name === 'slow'))
  gone.destroy()
  agent.destroy()
  await until(async () => (await gateway.decisions()).some(({ tool, outcome }) => tool === 'slow' && outcome !== null))
  const { records, report } = await expectPromise(gateway, [caller])
  expect(records.map(({ tool, outcome }) => [tool, outcome])).toEqual([
    ['echo', 'result'],
    ['slow', 'result'],
  ])
  expect(report.isIntact).toBe(true)
})
