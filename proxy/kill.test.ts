import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Checkpoint } from '@/lib/audit/checkpoint'
import { verifyRecord } from '@/lib/audit/verify/live'
import { seedActor } from '@/lib/auth/model'
import { silentLog } from './log'
import { startProxy } from './proxy'
import { type Gateway, startGateway, until } from './testing/gateway'
import { bundleProxy, type ProxyBundle, startProxyProcess } from './testing/process'
import { numberOf } from './testing/promise'

// No record, no call: the proxy's process is killed at random moments under load, and what reached the server is on record.
// By hand: INTERCEPT_KILL_ROUNDS=2000 npx vitest run proxy/kill.test.ts
const ROUNDS = Number(process.env.INTERCEPT_KILL_ROUNDS) || (process.env.INTERCEPT_LONG ? 200 : 50)
const CALLERS = 6
const LATEST_KILL_MS = 120

let gateway: Gateway
let bundle: ProxyBundle
let folder: string
let outside: string
beforeAll(async () => {
  bundle = await bundleProxy()
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-kill-'))
  outside = path.join(folder, 'outside.ndjson')
  gateway = await startGateway({ settings: { checkpointFile: outside, durability: 'fsync' } })
  await gateway.proxy.stop()
})
afterAll(async () => {
  await gateway.stop()
  bundle.remove()
  rmSync(folder, { recursive: true })
})

/** One POST; null when the proxy was gone. */
function post(agent: Agent, body: string, session: string): Promise<{ session: string } | null> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${gateway.key}`,
    ...(session ? { 'mcp-session-id': session } : {}),
  }
  return new Promise(resolve => {
    const asked = request(gateway.url(), { agent, method: 'POST', headers }, answer => {
      answer.on('error', () => resolve(null))
      answer.on('end', () => resolve({ session: String(answer.headers['mcp-session-id'] ?? session) }))
      answer.resume()
    })
    asked.on('error', () => resolve(null))
    asked.end(body)
  })
}

const BEGIN =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}'
let calls = 0
let answered = 0

/** Calls one after the other, each with a number of its own, until the proxy is gone. */
async function keepCalling(agent: Agent): Promise<void> {
  const begun = await post(agent, BEGIN, '')
  while (begun) {
    const n = calls++
    const params = { name: 'slow', arguments: { n, ms: n % 20 } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: n + 1, method: 'tools/call', params })
    if (!(await post(agent, body, begun.session))) return
    answered += 1
  }
}

/** One process, from its start to its kill at a moment that nobody chose. */
async function killOnce(): Promise<{ from: number; to: number }> {
  const from = calls
  const { child } = await startProxyProcess(gateway, bundle)
  const agent = new Agent({ keepAlive: true })
  try {
    const before = answered
    const callers = Array.from({ length: CALLERS }, () => keepCalling(agent))
    await until(() => answered > before, 30_000)
    await sleep(Math.random() * LATEST_KILL_MS)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await Promise.all(callers)
  } finally {
    child.kill('SIGKILL')
    agent.destroy()
  }
  return { from, to: calls }
}

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
