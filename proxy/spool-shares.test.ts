import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { uuidv7 } from '@/lib/db/uuid'
import { silentLog } from './log'
import { startProxy } from './proxy'
import { Spool, type SpoolOptions } from './spool'
import { recoverSpool } from './spool-recovery'
import { cuttable } from './testing/cuttable'
import { startGateway, until } from './testing/gateway'
import { expectPromise, numberedCaller } from './testing/promise'

// While Postgres is away, one identity that floods is refused before it has filled what is the others'.

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'intercept-shares-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = (change: Partial<SpoolOptions> = {}) =>
  new Spool({ directory, durability: 'append', maxBytes: 40_000, ...change })
const [one, other] = [uuidv7(), uuidv7()]
const NOW = '2026-11-22T10:00:00.000Z'
async function fill(spool: Spool, identityId: string, bytes: number): Promise<void> {
  const id = uuidv7()
  const text = JSON.stringify({ id, time: NOW, proxy: 'test', identity_id: identityId, filler: 'x'.repeat(bytes) })
  await spool.append('d', text, { id, time: NOW, identityId })
}

test('an identity is over its share at a tenth of the bound, and the others are not', async () => {
  const spool = open()
  for (let i = 0; i < 4; i++) await fill(spool, one, 700)
  expect(spool.isOverShare(one)).toBe(false)
  for (let i = 0; i < 4; i++) await fill(spool, one, 700)
  expect([one, other].map(identity => spool.isOverShare(identity))).toEqual([true, false])
  for (const segment of spool.segments.filter(({ isSealed }) => isSealed)) await spool.release(segment)
  expect(spool.isOverShare(one)).toBe(false)
  await spool.close()
})

test('a restart remembers whose records wait', async () => {
  const first = open()
  for (let i = 0; i < 8; i++) await fill(first, one, 700)
  await first.close()
  const spool = open()
  await recoverSpool(spool, Date.now())
  expect([one, other].map(identity => spool.isOverShare(identity))).toEqual([true, false])
  await spool.close()
})

test('what the disk did not take costs no share', async () => {
  const spool = open()
  rmSync(directory, { recursive: true })
  for (let i = 0; i < 20; i++) await expect(fill(spool, one, 700)).rejects.toThrow(/ENOENT/)
  mkdirSync(directory)
  expect(spool.isOverShare(one)).toBe(false)
  await spool.close()
})

test('Postgres away and one identity floods: it is refused overloaded, others go on, and its refusals fill nothing', {
  timeout: 60_000,
}, async () => {
  const gateway = await startGateway({ settings: { spoolMaxBytes: 1_000_000 } })
  await gateway.proxy.stop()
  const relay = await cuttable(gateway.settings.databaseUrl)
  onTestFinished(() => relay.close())
  const otherKey = await gateway.newKey('calm')
  gateway.proxy = await startProxy(
    { ...gateway.settings, databaseUrl: relay.url(gateway.settings.databaseUrl) },
    silentLog,
  )
  const flooding = await numberedCaller(gateway)
  const calm = await numberedCaller(gateway, otherKey)
  await calm.call(1)
  relay.cut()
  const big = { args: { filler: 'x'.repeat(5_000) } }
  await until(async () => (await flooding.call(5, big)).includes('overloaded'), 20_000)
  const reached = gateway.calls().length
  const spooled = gateway.spooled().length
  expect(new Set(await flooding.call(200, big))).toEqual(new Set(['overloaded']))
  expect(gateway.calls()).toHaveLength(reached)
  // Ten refusals stand for themselves, and what cannot be read counts with them.
  await gateway.post('not JSON')
  expect(gateway.spooled().length - spooled).toBeLessThanOrEqual(10)
  expect(await calm.call(20)).toEqual(Array(20).fill('result'))
  relay.mend()
  await until(async () => (await flooding.call(1))[0] === 'result', 20_000)
  await gateway.proxy.stop()
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  const { records, report } = await expectPromise(gateway, [flooding, calm])
  expect(records.find(({ rule }) => rule === '(flood)')?.message).toMatch(/^[1-9]\d\d more requests were refused/)
  expect(report.isIntact).toBe(true)
  await gateway.stop()
})
