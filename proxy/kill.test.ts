import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Checkpoint } from '@/lib/audit/checkpoint'
import { verifyRecord } from '@/lib/audit/verify/live'
import { seedActor } from '@/lib/auth/model'
import { silentLog } from './log'
import { startProxy } from './proxy'
import { cuttable } from './testing/cuttable'
import { type Gateway, startGateway, until } from './testing/gateway'

// No record, no call: the proxy's process is killed at random moments under load, and what reached the server is on record.
const ROUNDS = process.env.INTERCEPT_LONG ? 200 : 10
const CALLERS = 6

let gateway: Gateway
let folder: string
let outside: string
beforeAll(async () => {
  // Beside node_modules, from where the bundle finds its packages.
  folder = mkdtempSync(path.join(import.meta.dirname, '../node_modules/.intercept-kill-'))
  outside = path.join(folder, 'outside.ndjson')
  await build({
    entryPoints: [path.join(import.meta.dirname, 'main.ts')],
    outfile: path.join(folder, 'proxy.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  gateway = await startGateway({ settings: { checkpointFile: outside } })
  await gateway.proxy.stop()
})
afterAll(async () => {
  await gateway.stop()
  rmSync(folder, { recursive: true })
})

async function startProcess(): Promise<ChildProcess> {
  const relay = await cuttable('http://127.0.0.1:1')
  const port = Number(new URL(relay.url('http://127.0.0.1')).port)
  await relay.close()
  const { name, secret, databaseUrl, searchPath } = gateway.settings
  const environment: Record<string, string> = {
    PATH: searchPath,
    PROXY_PORT: String(port),
    PROXY_NAME: name,
    DATA_DIR: gateway.folder,
    INTERCEPT_SECRET: secret,
    PROXY_DATABASE_URL: databaseUrl,
    AUDIT_CHECKPOINT_FILE: outside,
  }
  const child = spawn(process.execPath, [path.join(folder, 'proxy.mjs')], {
    env: environment as NodeJS.ProcessEnv,
    stdio: 'ignore',
  })
  gateway.proxy = { ...gateway.proxy, port }
  const isReady = () => fetch(`http://127.0.0.1:${port}/readyz`).then(answer => answer.ok)
  await until(() => isReady().catch(() => false), 30_000)
  return child
}

let calls = 0
/** Calls one after the other, each with a number of its own, until the proxy is gone. */
async function keepCalling(): Promise<void> {
  const begin =
    '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}'
  try {
    const begun = await gateway.post(begin)
    const headers = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
    await begun.text()
    for (;;) {
      const n = calls++
      const params = { name: 'slow', arguments: { n, ms: n % 20 } }
      const body = JSON.stringify({ jsonrpc: '2.0', id: n + 1, method: 'tools/call', params })
      await (await gateway.post(body, headers)).text()
    }
  } catch {
    // The proxy was killed.
  }
}

/** One process, from its start to its kill at a moment that nobody chose. */
async function killOnce(): Promise<{ from: number; to: number }> {
  const from = calls
  const child = await startProcess()
  try {
    const callers = Array.from({ length: CALLERS }, keepCalling)
    const seen = gateway.calls().length
    await until(() => gateway.calls().length > seen, 30_000)
    await sleep(Math.random() * 300)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await Promise.all(callers)
  } finally {
    child.kill('SIGKILL')
  }
  return { from, to: calls }
}

const numberOf = (of: { arguments?: unknown }) => (of.arguments as { n: number }).n

test(`killed ${ROUNDS} times under load, every call that reached the server is on record, and the chain verifies`, {
  timeout: ROUNDS * 15_000,
}, async () => {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await killOnce())
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  await until(async () => (await gateway.decisions()).every(row => row.outcome !== null), 30_000)
  const records = await gateway.decisions()

  const recorded = new Set(records.map(numberOf))
  expect(gateway.calls().filter(call => !recorded.has(numberOf(call)))).toEqual([])
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  expect(recorded.size).toBe(records.length)

  const unknown = records.filter(({ outcome }) => outcome === 'unknown').map(numberOf)
  const cut = rounds.filter(({ from, to }) => unknown.some(n => n >= from && n < to))
  process.stdout.write(
    `${ROUNDS} kills: ${gateway.calls().length} calls reached the server, ${records.length} records, ` +
      `${unknown.length} unknown, ${cut.length} cuts between record and outcome\n`,
  )
  expect(cut.length).toBeGreaterThanOrEqual(ROUNDS / 2)

  await gateway.proxy.stop()
  const checkpoints = readFileSync(outside, 'utf8').trim().split('\n')
  const kept = checkpoints.map(line => Checkpoint.parse(JSON.parse(line)))
  const report = await verifyRecord(seedActor, { outside: kept, keys: [] })
  expect(report).toMatchObject({ isIntact: true, findings: [], chains: [{ notAnchored: 0 }] })
  expect(report.records).toBe(records.length * 2)
})
