import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Checkpoint, readPublicKey } from '@/lib/audit/checkpoint'
import { readEvidence } from '@/lib/audit/outside/evidence'
import { verifyRecord } from '@/lib/audit/verify/live'
import { seedActor } from '@/lib/auth/model'
import { silentLog } from './log'
import { startProxy } from './proxy'
import { type Gateway, startGateway } from './testing/gateway'

// Two proxies on one database: whoever removes all that one of them recorded is contradicted by the other.

let gateway: Gateway
let folder: string
let outsideFile: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-second-'))
  outsideFile = path.join(folder, 'outside.ndjson')
  gateway = await startGateway()
})
afterAll(async () => {
  await gateway.stop()
  rmSync(folder, { recursive: true })
})

async function call(): Promise<void> {
  const client = await gateway.connect()
  await client.callTool({ name: 'echo', arguments: { text: 'x' } })
  await client.close()
}

const keyOf = (dataDir: string) => readPublicKey(readFileSync(path.join(dataDir, 'audit-public-key.pem'), 'utf8'))

test('a proxy’s record that is dropped whole is found by what the other one signed, inside or outside', async () => {
  await call()
  // Stopping signs the last record and ships it.
  await gateway.proxy.stop()
  await gateway.decisions()
  const settings = { ...gateway.settings, name: 'second', dataDir: folder, checkpointFile: outsideFile }
  gateway.proxy = await startProxy(settings, silentLog)
  await call()
  await gateway.proxy.stop()
  const outside = readFileSync(outsideFile, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line): Checkpoint[] => {
      const evidence = readEvidence(line)
      return evidence?.kind === 'checkpoint' ? [evidence.checkpoint] : []
    })
  expect(outside.at(-1)).toMatchObject({ version: 2, proxy: 'second', seen: [{ proxy: 'test' }] })

  // What the proxy left in its spool is shipped by its next run.
  gateway.proxy = await startProxy(settings, silentLog)
  await gateway.decisions()
  const keys = [keyOf(gateway.folder), keyOf(folder)]
  const verify = () => verifyRecord(seedActor, { outside, keys })
  expect(await verify()).toMatchObject({ isIntact: true, findings: [], chains: [{}, {}] })

  const [seen] = outside.at(-1)?.seen ?? []
  const owner = new pg.Client({ connectionString: gateway.database.ownerUrl })
  await owner.connect()
  try {
    for (const table of ['decisions', 'outcomes', 'checkpoints', 'quarantine'])
      await owner.query(`DELETE FROM ${table} WHERE chain = $1`, [seen?.chain])
    await owner.query("DELETE FROM proxies WHERE name = 'test'")
  } finally {
    await owner.end()
  }
  const report = await verify()
  expect(report.counts).toEqual({ dropped_chain: seen?.sequence })
  expect(report.findings[0]).toMatchObject({ kind: 'dropped_chain', chain: seen?.chain, sequence: 1 })
})
