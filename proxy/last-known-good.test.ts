import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { afterEach, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { revokeKey } from '@/lib/identity/commands'
import { silentLog } from './log'
import { type ProxySettings, startProxy } from './proxy'
import { type Cuttable, cuttable } from './testing/cuttable'
import { type Gateway, startGateway, until } from './testing/gateway'

// What a proxy decides that is cut off from Postgres, from memory and after a restart.
const policy = `
default: allow
tools:
  slow: { rules: [{ name: shared, action: allow, rate_limit: { max: 100, window: 3600, per: server } }] }
`
let gateway: Gateway
let relay: Cuttable
afterEach(async () => {
  await gateway.stop()
  await relay.close()
})

const codeOf = (result: unknown) =>
  (result as { _meta?: { 'intercept/decision': { code: string } } })._meta?.['intercept/decision'].code
const echo = (client: Client) => client.callTool({ name: 'echo', arguments: { text: 'x' } })
const readiness = async () => {
  const answer = await fetch(`http://127.0.0.1:${gateway.proxy.port}/readyz`)
  return { status: answer.status, text: await answer.text() }
}
const file = () => path.join(gateway.folder, 'bundle', `${gateway.settings.name}.json`)

/** Restarts the proxy behind a relay that a test can cut. */
async function start(changed: Partial<ProxySettings> = {}, isCut = false): Promise<void> {
  await gateway.proxy.stop()
  if (isCut) relay.cut()
  const databaseUrl = relay.url(gateway.settings.databaseUrl)
  gateway.proxy = await startProxy({ ...gateway.settings, databaseUrl, ...changed }, silentLog)
}

async function fresh(): Promise<void> {
  gateway = await startGateway({ policy })
  relay = await cuttable(gateway.settings.databaseUrl)
}

test('a restart without Postgres decides by what was published last, and follows Postgres when it is back', async () => {
  await fresh()
  await start({}, true)
  expect(await readiness()).toEqual({ status: 200, text: 'ready\n' })
  const client = await gateway.connect()
  expect(codeOf(await echo(client))).toBeUndefined()
  // What must be counted for all proxies together cannot be.
  expect(codeOf(await client.callTool({ name: 'slow', arguments: { ms: 0 } }))).toBe('limits_unavailable')
  expect((await gateway.post('{}', { authorization: `Bearer ik_${'a'.repeat(8)}_${'b'.repeat(43)}` })).status).toBe(401)
  await gateway.publish('default: deny\ntools: {}\n')
  relay.mend()
  await until(async () => codeOf(await echo(client)) === 'default_deny', 10_000)
})

test.each<[what: string, spoil: () => void, changed: Partial<ProxySettings>]>([
  ['tampered', () => writeFileSync(file(), readFileSync(file(), 'utf8').replace(/.{4}(?="})/, 'AAAA')), {}],
  ['too old', () => undefined, { bundleMaxAgeMs: 1 }],
  ['of another secret', () => undefined, { secret: 'another secret of the tests, of no worth' }],
])('a bundle that is %s decides nothing', async (_what, spoil, changed) => {
  await fresh()
  await gateway.proxy.stop()
  spoil()
  await sleep(5)
  await start(changed, true)
  expect(await readiness()).toEqual({ status: 503, text: 'no bundle was activated yet\n' })
  const answer = await gateway.post('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}')
  expect(answer.status).toBe(503)
  expect(gateway.calls()).toEqual([])
})

test('cut off for too long, a running proxy denies too, until Postgres tells what holds now', async () => {
  await fresh()
  await start({ bundleMaxAgeMs: 3_000 })
  const client = await gateway.connect()
  expect(codeOf(await echo(client))).toBeUndefined()
  relay.cut()
  await revokeKey(seedActor, { key: gateway.key })
  expect(codeOf(await echo(client))).toBeUndefined()
  await until(async () => (await readiness()).status === 503, 5_000)
  expect((await readiness()).text).toContain('BUNDLE_MAX_AGE')
  const before = gateway.calls().length
  await expect(echo(client)).rejects.toThrow(/decides nothing now/)
  expect(gateway.calls()).toHaveLength(before)
  relay.mend()
  await until(async () => (await readiness()).status === 200, 10_000)
  // The key was revoked meanwhile, and its session ends.
  await until(async () => (await gateway.post('{}')).status === 401)
})

test('while Postgres confirms it, a bundle stays young, in memory and on disk', async () => {
  await fresh()
  await start({ bundleMaxAgeMs: 3_000 })
  const first = readFileSync(file(), 'utf8')
  await sleep(4_500)
  expect((await readiness()).status).toBe(200)
  expect(readFileSync(file(), 'utf8')).not.toBe(first)
  await start({ bundleMaxAgeMs: 3_000 }, true)
  expect((await readiness()).status).toBe(200)
})
