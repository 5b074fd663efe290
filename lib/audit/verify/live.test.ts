import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type Sql, sqlOver } from '@/lib/db/sql'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { genesis, type Link, type LinkKind } from '../chain'
import { type Checkpoint, checkpointDigest, signCheckpoint } from '../checkpoint'
import { recordCalls, recordCheckpoints } from '../store'
import { linkAfter, newSigningKey } from '../testing/chains'
import { decisionAt, memberWith, outcomeOf } from '../testing/records'
import { verifyRecord } from './live'

// Issue 5: a million records verify in under 20 s, live too, on a machine that does nothing else. `npm test` does a fiftieth of that, `npm run test:long` all of it.
const RECORDS = process.env.INTERCEPT_LONG ? 1_000_000 : 20_000
const BATCH_CALLS = 2_500
const CHAIN = '01a00000-0000-7000-8000-00000000000f'
const key = newSigningKey()
const outside: Checkpoint[] = []
let base: TestDatabase
let head: Link = { chain: CHAIN, sequence: 0, hash: genesis(CHAIN) }

beforeAll(async () => {
  base = await testDatabase()
  replaceDatabase(base.database)
  const pool = new pg.Pool({ connectionString: base.proxyUrl, max: 1 })
  const startMs = Date.now() - RECORDS / 2
  for (let from = 0; from < RECORDS / 2; from += BATCH_CALLS) await recordBatch(sqlOver(pool), startMs, from)
  await pool.end()
}, 900_000)
afterAll(async () => {
  replaceDatabase(undefined)
  await base.close()
})

/** Calls like life, with their outcomes, and a checkpoint behind them. */
async function recordBatch(sql: Sql, startMs: number, from: number): Promise<void> {
  const lines = { decision: [] as string[], outcome: [] as string[] }
  const append = (kind: LinkKind, value: object) => {
    const { record, ...link } = linkAfter(
      head.hash,
      { chain: CHAIN, sequence: head.sequence + 1, kind },
      JSON.stringify(value),
    )
    const { sequence, hash } = link
    head = { chain: CHAIN, sequence, hash }
    lines[kind].push(`${record?.slice(0, -1)},"chain":"${CHAIN}","sequence":${sequence},"hash":"${hash}"}`)
  }
  for (let i = from; i < from + BATCH_CALLS; i++) {
    const input = { amount: i / 8, note: 'n'.repeat(i % 200) }
    const decision = decisionAt(startMs + i, {
      arguments: { action: 'query', workflow: `invoice-${i % 300}`, input },
      reasons: [{ rule: 'workflow_interact#1', line: 7, policy: 'mistral', effect: 'allow' }],
      argument_digest: i.toString(16).padStart(64, '0'),
    })
    append('decision', decision)
    append('outcome', outcomeOf(decision, { duration_ms: (i % 9_973) / 7 }))
  }
  await recordCalls(sql, lines.decision, lines.outcome)
  const previous = outside.at(-1)
  const checkpoint = signCheckpoint(
    {
      ...head,
      proxy: 'proxy-1',
      next_key: null,
      time: new Date(startMs + from).toISOString(),
      previous: previous ? checkpointDigest(previous) : null,
      seen: [],
      statement: null,
    },
    key,
  )
  outside.push(checkpoint)
  await recordCheckpoints(sql, [JSON.stringify({ digest: checkpointDigest(checkpoint), ...checkpoint })])
}

test('the untouched record verifies as it stands in Postgres, at a pace that is printed', async () => {
  const startedAt = performance.now()
  const report = await verifyRecord(memberWith('auditor'), { outside, keys: [key.publicKey] })
  const seconds = (performance.now() - startedAt) / 1000
  process.stdout.write(`verified ${RECORDS} records of Postgres in ${seconds.toFixed(2)} s\n`)
  expect(report).toMatchObject({ isIntact: true, records: RECORDS, chains: [{ anchoredTo: RECORDS, notAnchored: 0 }] })
  // Other tests share the machine; what grows with the square would take hours.
  expect(seconds).toBeLessThan(120)
}, 300_000)
