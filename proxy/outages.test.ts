import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from './log'
import { startProxy } from './proxy'
import { cuttable } from './testing/cuttable'
import { type Gateway, startGateway, until } from './testing/gateway'

// What holds when Postgres, the disk or the proxy itself goes away.
const policy = `
default: allow
tools:
  slow: { rules: [{ name: shared, action: allow, rate_limit: { max: 100, window: 3600, per: server } }] }
  fail: { rules: [{ name: own, action: allow, rate_limit: { max: 2, window: 3600 } }] }
`
const textOf = (result: unknown) => (result as { content: [{ text: string }] }).content[0].text
const codeOf = (result: unknown) =>
  (result as { _meta?: { 'intercept/decision': { code: string } } })._meta?.['intercept/decision'].code
const echo = (client: Client, text: string) => client.callTool({ name: 'echo', arguments: { text } })

test('a publish is in force within a second, without restart', async () => {
  const gateway = await startGateway()
  const client = await gateway.connect()
  expect(textOf(await echo(client, 'one'))).toBe('one')
  const publishedAt = performance.now()
  await gateway.publish(
    'default: deny\ntools:\n  echo: { rules: [{ name: no, action: deny, reason: Not any more. }] }\n',
  )
  await until(async () => (await echo(client, 'two')).isError === true, 1_000)
  expect(performance.now() - publishedAt).toBeLessThan(1_000)
  expect(textOf(await echo(client, 'three'))).toBe('[INTERCEPT POLICY DENIED] Not any more.')
  await gateway.stop()
})

test('nothing published: every call is denied', async () => {
  const gateway = await startGateway({ policy: null })
  const client = await gateway.connect()
  expect((await client.listTools()).tools).toEqual([])
  expect(codeOf(await echo(client, 'x'))).toBe('no_policy')
  expect(gateway.calls()).toEqual([])
  await gateway.stop()
})

test('without Postgres the last known good decides, shared limits are refused, and the record waits', async () => {
  const gateway = await startGateway({ policy })
  await gateway.proxy.stop()
  const relay = await cuttable(gateway.settings.databaseUrl)
  gateway.proxy = await startProxy(
    { ...gateway.settings, databaseUrl: relay.url(gateway.settings.databaseUrl) },
    silentLog,
  )
  const client = await gateway.connect()
  expect(textOf(await echo(client, 'before'))).toBe('before')
  relay.cut()
  expect(textOf(await echo(client, 'during'))).toBe('during')
  expect(codeOf(await client.callTool({ name: 'slow', arguments: { ms: 0 } }))).toBe('limits_unavailable')
  // A limit per session counts in the proxy that holds the session, and needs no store.
  const own = [1, 2, 3].map(() => client.callTool({ name: 'fail', arguments: {} }))
  expect((await Promise.all(own)).map(codeOf)).toEqual([undefined, undefined, 'rate_limited'])
  await gateway.publish('default: deny\ntools: {}\n')
  expect(textOf(await echo(client, 'still'))).toBe('still')
  relay.mend()
  await until(async () => codeOf(await echo(client, 'after')) === 'default_deny', 10_000)
  await until(async () => (await gateway.decisions()).length >= 8, 10_000)
  const rows = await gateway.decisions()
  expect(rows.filter(row => row.effect === 'allow').every(row => row.outcome === 'result')).toBe(true)
  expect(rows.map(row => (row.arguments as { text?: string })?.text)).toEqual(
    expect.arrayContaining(['before', 'during', 'still']),
  )
  await gateway.stop()
  await relay.close()
}, 60_000)

test('what was spooled while Postgres was away ships after a restart, each record once', async () => {
  const gateway = await startGateway({ policy })
  await gateway.proxy.stop()
  const relay = await cuttable(gateway.settings.databaseUrl)
  const settings = { ...gateway.settings, databaseUrl: relay.url(gateway.settings.databaseUrl) }
  gateway.proxy = await startProxy(settings, silentLog)
  const client = await gateway.connect()
  await echo(client, 'first')
  await until(async () => (await gateway.decisions()).length === 1)
  relay.cut()
  for (let i = 0; i < 20; i++) await echo(client, `away ${i}`)
  await gateway.proxy.stop()
  const spool = path.join(gateway.folder, 'spool')
  cpSync(spool, `${spool}-kept`, { recursive: true })
  relay.mend()
  gateway.proxy = await startProxy(settings, silentLog)
  await until(async () => (await gateway.decisions()).length === 21, 10_000)
  expect((await hourly(gateway)).sum).toBe(21)
  // A spool that is read a second time from its start changes nothing, roll-ups included.
  await gateway.proxy.stop()
  rmSync(spool, { recursive: true })
  cpSync(`${spool}-kept`, spool, { recursive: true })
  rmSync(path.join(spool, 'test', 'cursor'))
  expect(gateway.spooled()).toHaveLength(21)
  gateway.proxy = await startProxy(settings, silentLog)
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(await gateway.decisions()).toHaveLength(21)
  expect((await hourly(gateway)).sum).toBe(21)
  await gateway.stop()
  await relay.close()
}, 60_000)

async function hourly({ database }: Gateway): Promise<{ sum: number }> {
  const [row] = await database.database.sql.query<{ sum: number }>(
    'SELECT coalesce(sum(count), 0)::int AS sum FROM decision_hours',
  )
  return { sum: row?.sum ?? 0 }
}

/** The proxy as a process of its own, in place of the one in this process. */
async function startProcess(gateway: Gateway): Promise<ChildProcess> {
  await gateway.proxy.stop()
  const port = await freePort()
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: gateway.settings.searchPath,
      PROXY_PORT: String(port),
      PROXY_NAME: gateway.settings.name,
      DATA_DIR: gateway.folder,
      INTERCEPT_SECRET: gateway.settings.secret,
      PROXY_DATABASE_URL: gateway.settings.databaseUrl,
    } as unknown as NodeJS.ProcessEnv,
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  gateway.proxy = { ...gateway.proxy, port }
  const isReady = () => fetch(`http://127.0.0.1:${port}/readyz`).then(answer => answer.ok)
  await until(() => isReady().catch(() => false), 20_000)
  return child
}

test.each([
  ['kill -9 between record and outcome', 'SIGKILL', null],
  ['SIGTERM in the middle of a call', 'SIGTERM', 0],
] as const)('%s leaves a record that says: unknown', { timeout: 60_000 }, async (_what, signal, exitCode) => {
  const gateway = await startGateway({ policy })
  const child = await startProcess(gateway)
  const client = await gateway.connect()
  await echo(client, 'whole')
  const cut = client.callTool({ name: 'slow', arguments: { ms: 60_000 } }).catch(() => 'cut')
  await until(() => gateway.calls().some(({ name }) => name === 'slow'))
  const askedAt = performance.now()
  child.kill(signal)
  const [code] = await once(child, 'exit')
  expect(code).toBe(exitCode)
  expect(performance.now() - askedAt).toBeLessThan(3_000)
  await client.close()
  expect(await cut).toBe('cut')
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  await until(async () => (await gateway.decisions()).every(row => row.outcome !== null), 10_000)
  expect((await gateway.decisions()).map(({ tool, outcome }) => [tool, outcome])).toEqual([
    ['echo', 'result'],
    ['slow', 'unknown'],
  ])
  expect(gateway.calls()).toHaveLength(2)
  expect(readdirSync(tmpdir()).filter(name => name.startsWith(`intercept-home-${child.pid}-`))).toEqual([])
  await gateway.stop()
})

async function freePort(): Promise<number> {
  const relay = await cuttable('http://127.0.0.1:1')
  const port = Number(new URL(relay.url('http://127.0.0.1')).port)
  await relay.close()
  return port
}

test('a client that goes away in the middle of a call leaves a whole record', async () => {
  const gateway = await startGateway()
  const client = await gateway.connect()
  const gone = client.callTool({ name: 'slow', arguments: { ms: 400 } }).catch(() => null)
  await until(() => gateway.calls().length === 1)
  await client.close()
  await gone
  await until(async () => (await gateway.decisions())[0]?.outcome === 'result')
  await gateway.stop()
})

test('a spool that is full refuses calls, and denials stay denials', async () => {
  const gateway = await startGateway({
    settings: { spoolMaxBytes: 600 },
    policy: 'default: allow\nhide: [fail]\ntools: {}\n',
  })
  const client = await gateway.connect()
  expect(codeOf(await echo(client, 'x'.repeat(2_000)))).toBe('audit_unavailable')
  expect(codeOf(await client.callTool({ name: 'fail', arguments: { filler: 'x'.repeat(2_000) } }))).toBe(
    'not_available',
  )
  expect(gateway.calls()).toEqual([])
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()
  expect(metrics).toMatch(/^intercept_audit_gap_total 2$/m)
  await gateway.stop()
})

test('a heartbeat says what is in force', async () => {
  const gateway = await startGateway()
  const beat = async () =>
    (
      await gateway.database.database.sql.query<{
        revision: string
        status: Record<string, number>
        stopped_at: Date | null
      }>("SELECT revision::text, status, stopped_at FROM proxies WHERE name = 'test'")
    )[0]
  await until(async () => (await beat())?.revision === '1')
  const client = await gateway.connect()
  await echo(client, 'x')
  await until(async () => (await beat())?.status.sessions === 1)
  const { status } = (await beat()) ?? {}
  expect(Object.keys(status ?? {}).sort()).toEqual([
    'addedP50Ms',
    'addedP99Ms',
    'auditGap',
    'checkpoints',
    'damagedLines',
    'quarantined',
    'sessions',
    'shippedLagMs',
    'spoolBytes',
  ])
  await gateway.proxy.stop()
  expect((await beat())?.stopped_at).not.toBeNull()
  await gateway.stop()
})
