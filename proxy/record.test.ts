import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Checkpoint, readPublicKey } from '@/lib/audit/checkpoint'
import { exportRecord } from '@/lib/audit/export/export'
import { verifyExport } from '@/lib/audit/verify/export-file'
import { verifyRecord } from '@/lib/audit/verify/live'
import { seedActor } from '@/lib/auth/model'
import { silentLog } from './log'
import { startProxy } from './proxy'
import { type Gateway, startGateway } from './testing/gateway'

// From a real call to a verified record: what the proxy decided, what Postgres holds and what was kept outside agree.

let gateway: Gateway
let outsideFile: string
beforeAll(async () => {
  outsideFile = path.join(mkdtempSync(path.join(tmpdir(), 'intercept-outside-')), 'checkpoints.ndjson')
  gateway = await startGateway({ settings: { checkpointFile: outsideFile } })
})
afterAll(async () => {
  await gateway.stop()
  rmSync(path.dirname(outsideFile), { recursive: true })
})

const readOutside = () =>
  readFileSync(outsideFile, 'utf8')
    .trim()
    .split('\n')
    .map(line => Checkpoint.parse(JSON.parse(line)))
const readKey = () => readPublicKey(readFileSync(path.join(gateway.folder, 'audit-public-key.pem'), 'utf8'))

async function callMany(count: number): Promise<void> {
  const client = await gateway.connect()
  for (let i = 0; i < count; i++) {
    const odd = { text: `é\uD800\0 ${i}`, big: i + 0.1, password: 'hunter2' }
    await client.callTool({ name: i % 3 === 0 ? 'absent' : 'echo', arguments: odd })
  }
  await client.close()
}

async function restart(): Promise<void> {
  await gateway.proxy.stop()
  gateway.proxy = await startProxy(gateway.settings, silentLog)
}

test('real calls, through restarts, are one chain that is anchored outside; an export of it needs nothing else', async () => {
  await callMany(30)
  await restart()
  await callMany(30)
  await restart()
  await gateway.decisions()
  const options = () => ({ outside: readOutside(), keys: [readKey()] })
  const live = await verifyRecord(seedActor, options())
  expect(live).toMatchObject({ isIntact: true, findings: [], chains: [{ first: 1, notAnchored: 0 }] })
  expect(live.records).toBe(100)

  const lines: string[] = []
  const all = { format: 'ndjson', conditions: [], since: null, until: null, proof: false } as const
  for await (const line of exportRecord(seedActor, all)) lines.push(line)
  async function* given() {
    for (const line of lines) yield line.trimEnd()
  }
  expect(await verifyExport(given(), options())).toEqual(live)
})

test('nothing of the chain, its key or its checkpoints holds an argument', async () => {
  const key = readFileSync(path.join(gateway.folder, 'audit-signing-key.pem'), 'utf8')
  const chain = readFileSync(path.join(gateway.folder, 'spool', gateway.settings.name, 'chain'), 'utf8')
  for (const text of [key, chain, readFileSync(outsideFile, 'utf8')]) expect(text).not.toContain('hunter2')
})
