import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { chainOf } from '../testing/chains'
import { recordChain } from '../testing/recorded'
import { memberWith } from '../testing/records'
import { verifyRecord } from '../verify/live'
import { readIntegrity, readQuarantine, readRetention } from './index'

// What the integrity page says: who signed how far, where that is kept, and what Postgres refused.

const auditor = memberWith('auditor')
const made = chainOf(20)
let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

async function asProxy(text: string, parameters: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: db.proxyUrl })
  await client.connect()
  try {
    await client.query(text, parameters)
  } finally {
    await client.end()
  }
}
const beat = (name: string, checkpoints: unknown) =>
  asProxy('SELECT proxy_heartbeat($1::jsonb)', [
    JSON.stringify({ name, version: '1', started_at: new Date().toISOString(), status: { checkpoints } }),
  ])

test('before the first call there is nothing to say', async () => {
  expect(await readIntegrity(auditor)).toEqual({ proxies: [], keyChanges: [], verification: null })
  expect(await readRetention(auditor)).toEqual({ maintenance: null, statements: [], hasMore: false })
  expect(await readQuarantine(auditor)).toEqual({ count: 0, hasMore: false, rows: [] })
})

test('each proxy is shown with its newest checkpoint and with what it says of the places outside', async () => {
  await recordChain(db.proxyUrl, made)
  const sink = {
    name: 'file /x',
    waiting: 2,
    dropped: 0,
    keptAt: '2026-11-22T10:00:00.000Z',
    keptTo: null,
    problem: 'full',
  }
  await beat('proxy-1', { unsigned: 7, sinks: [sink], stamps: null, more: 'of a later version' })
  await beat('old', undefined)
  const { proxies } = await readIntegrity(auditor)
  const { keptTo: _, ...shown } = { ...sink, keptAt: new Date(sink.keptAt) }
  expect(proxies).toMatchObject([
    { name: 'old', state: 'running', checkpoint: null, unsigned: null, sinks: null, stamps: null },
    {
      name: 'proxy-1',
      state: 'running',
      checkpoint: { chain: made.chain, sequence: 40, key: made.key.publicKey },
      unsigned: 7,
      sinks: [shown],
    },
  ])
})

test('the last verification of the live record is shown with its result', async () => {
  await verifyRecord(auditor, { outside: [], keys: [] })
  const { verification } = await readIntegrity(auditor)
  expect(verification).toMatchObject({ isIntact: true, records: 40, counts: {}, by: auditor.name })
})

test('what was refused is listed; its text is for who may read arguments', async () => {
  const place = JSON.stringify({ chain: made.chain, sequence: 41, hash: 'a' })
  await asProxy('SELECT quarantine_record($1, $2, $3, NULL, $4::jsonb)', [
    'decision',
    '{"secret":1}',
    'out of range',
    place,
  ])
  const row = { kind: 'decision', error: 'out of range', chain: made.chain, sequence: 41 }
  expect(await readQuarantine(auditor)).toMatchObject({ count: 1, rows: [{ ...row, record: '{"secret":1}' }] })
  expect(await readQuarantine(memberWith('viewer'))).toMatchObject({ count: 1, rows: [{ ...row, record: null }] })
})

test.each(['viewer', 'editor', 'approver', 'admin'] as const)('of the chain nothing is for a %s', async role => {
  await expect(readIntegrity(memberWith(role))).rejects.toMatchObject({ kind: 'forbidden' })
  await expect(readRetention(memberWith(role))).rejects.toMatchObject({ kind: 'forbidden' })
})
