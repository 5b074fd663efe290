import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { exportRecord } from '../export/export'
import type { Evidence } from '../outside/evidence'
import { chainOf, newSigningKey } from '../testing/chains'
import { recordChain } from '../testing/recorded'
import { memberWith, recordAs } from '../testing/records'
import { verifyExport } from '../verify/export-file'
import type { KeptOutside } from '../verify/kept-outside'
import { verifyRecord } from '../verify/live'
import { type MaintenanceOptions, maintainRecord } from './maintain'
import { isStatementSigned, RetentionStatement, signStatement } from './statement'

// DESIGN §6: retention drops whole days, leaves a signed statement of each, and never breaks verification of the rest.

const DAY_MS = 86_400_000
const KEPT_DAYS = 2
const now = new Date()
const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS
/** Two calls are always under way, so that each midnight has some of which a part belongs to either day's places. */
const made = chainOf(60, { atMs: midnight - 5 * DAY_MS, stepMs: 2.4 * 3_600_000, lag: 2 })
const key = newSigningKey()
const auditor = memberWith('auditor')
const cutAt = midnight - KEPT_DAYS * DAY_MS

let base: TestDatabase
let kept: Evidence[]
beforeAll(async () => {
  base = await testDatabase()
  replaceDatabase(base.database)
  await recordChain(base.proxyUrl, made)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await base.close()
})

const maintain = (options: Partial<MaintenanceOptions> = {}) => {
  kept = []
  const sink = { name: 'test', publish: async (evidence: Evidence) => void kept.push(evidence) }
  const usual = {
    ownerUrl: base.ownerUrl,
    retentionDays: KEPT_DAYS,
    openKey: () => key,
    sinks: [sink],
    by: 'here',
    now,
  }
  return maintainRecord({ ...usual, daysAhead: 1, ...options })
}
const outside: KeptOutside = { outside: made.checkpoints, keys: [made.key.publicKey], retentionKeys: [key.publicKey] }
const verify = (options: Partial<KeptOutside> = {}) => verifyRecord(auditor, { ...outside, ...options })
async function* linesOf(lines: AsyncIterable<string>) {
  for await (const line of lines) yield line.trimEnd()
}
async function asOwner<Row extends object>(text: string, parameters: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: base.ownerUrl })
  await client.connect()
  try {
    const result = await client.query(text, parameters)
    return (Array.isArray(result) ? result.at(-1) : result).rows
  } finally {
    await client.end()
  }
}
/** Runs what somebody with the owner's rights does to the record, looks at it, and undoes it. */
async function tampered(statements: string[], options: Partial<KeptOutside> = {}) {
  await asOwner(`CREATE TABLE kept_decisions AS SELECT * FROM decisions; CREATE TABLE kept_outcomes AS SELECT * FROM outcomes;
    CREATE TABLE kept_statements AS SELECT * FROM retention_statements; CREATE TABLE kept_checkpoints AS SELECT * FROM checkpoints;
    ALTER TABLE retention_statements DISABLE TRIGGER ALL`)
  try {
    for (const each of statements) await asOwner(each)
    return await verify(options)
  } finally {
    const restore = (table: string, from: string) =>
      `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM ${from}; DROP TABLE ${from};`
    await asOwner(
      `${restore('decisions', 'kept_decisions')}${restore('outcomes', 'kept_outcomes')}
       ${restore('retention_statements', 'kept_statements')}${restore('checkpoints', 'kept_checkpoints')}
       ALTER TABLE retention_statements ENABLE TRIGGER ALL`,
    )
  }
}

describe('without a period', () => {
  test('nothing is dropped, and what DEFAULT caught moves into its days', async () => {
    expect((await asOwner('SELECT FROM decisions_default')).length).toBeGreaterThanOrEqual(50)
    const { dropped, made: partitions, problem } = await maintain({ retentionDays: undefined })
    expect([dropped, problem]).toEqual([[], null])
    expect(partitions).toBeGreaterThanOrEqual(10)
    expect(await asOwner('SELECT FROM decisions_default')).toEqual([])
    expect(await asOwner('SELECT FROM decisions')).toHaveLength(60)
    expect(await verify()).toMatchObject({ isIntact: true, records: 120 })
  })
})

describe('with a period', () => {
  let statements: readonly RetentionStatement[]
  beforeAll(async () => {
    statements = (await maintain()).dropped
  })

  test('each day before it is dropped whole, with its calls and their outcomes', async () => {
    expect(statements.map(({ from, decisions, outcomes }) => [from, decisions, outcomes])).toEqual(
      [5, 4, 3].map(days => [new Date(midnight - days * DAY_MS).toISOString(), 10, 10]),
    )
    const [oldest] = await asOwner<{ time: Date }>('SELECT min(time) AS time FROM decisions')
    expect(oldest?.time.getTime()).toBe(cutAt)
    const alone = `SELECT FROM outcomes o LEFT JOIN decisions d ON d.time = o.decision_time AND d.id = o.decision_id WHERE d.id IS NULL`
    expect(await asOwner(alone)).toEqual([])
  })

  test('each leaves a statement that is signed, follows on the one before, and is kept outside', async () => {
    expect(statements.map(each => [each.number, isStatementSigned(each), each.key])).toEqual(
      [1, 2, 3].map(number => [number, true, key.publicKey]),
    )
    expect(statements.map(({ previous }) => previous === null)).toEqual([true, false, false])
    expect(kept).toEqual(statements.map(statement => ({ kind: 'statement', statement })))
    const rows = await asOwner<{ content: unknown }>('SELECT content FROM retention_statements ORDER BY number')
    expect(rows.map(({ content }) => RetentionStatement.parse(content))).toEqual(statements)
  })

  test('the day’s places in the chain are a stretch with a ragged end', () => {
    const [first] = statements
    expect(first?.chains).toMatchObject([{ chain: made.chain, proxy: 'proxy-1', records: 20 }])
    expect(first?.chains[0]?.runs.length).toBeGreaterThan(1)
    expect(first?.chains[0]?.runs[0]?.from).toBe(1)
  })

  test('numbers by the hour stay', async () => {
    const [row] = await asOwner<{ count: string }>('SELECT sum(count) AS count FROM decision_hours')
    expect(row?.count).toBe('60')
  })

  test('checkpoints go with what they spoke of, and no further', async () => {
    const rows = await asOwner<{ sequence: string }>('SELECT sequence FROM checkpoints ORDER BY sequence')
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual([60, 70, 80, 90, 100, 110, 120])
  })

  test('the rest verifies, live', async () => {
    const report = await verify()
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ isIntact: true, records: 60, chains: [{ dropped: 60, anchoredTo: 120, last: 120 }] })
    expect(report.notes.join(' ')).toContain('Retention dropped 30 decisions and 30 outcomes')
  })

  test('and offline, whole or from a day on', async () => {
    const day = new Date(midnight - DAY_MS)
    for (const since of [null, day, new Date(cutAt)]) {
      const options = { format: 'ndjson', conditions: [], since, until: null, proof: false } as const
      const report = await verifyExport(linesOf(exportRecord(auditor, options)), outside)
      expect(report.findings).toEqual([])
      expect(report).toMatchObject({ isIntact: true, chains: [{ anchoredTo: 120 }] })
    }
  })

  test('without the key of retention the first statement’s is believed, and that is said', async () => {
    const report = await verify({ retentionKeys: [] })
    expect(report.isIntact).toBe(true)
    expect(report.notes.join(' ')).toContain('--retention-key')
  })

  test('a second maintenance has nothing to do', async () => {
    expect(await maintain()).toEqual({ made: 0, dropped: [], problem: null })
    expect(kept).toEqual([])
  })

  const own = `chain = '${made.chain}'`
  test.each<[string, string[], Record<string, number>]>([
    [
      'a record behind the dropped ones deleted',
      [`DELETE FROM decisions WHERE ${own} AND sequence = 79`],
      { missing: 1 },
    ],
    [
      'the first ones that are left deleted',
      [`DELETE FROM decisions WHERE ${own} AND sequence <= 66`, `DELETE FROM outcomes WHERE ${own} AND sequence <= 66`],
      { missing: 6 },
    ],
    ['one between dropped ones deleted', [`DELETE FROM decisions WHERE ${own} AND sequence = 59`], { missing: 1 }],
    ['the end cut off', [`DELETE FROM outcomes WHERE ${own} AND sequence > 118`], { truncated: 2 }],
    ['a record edited', [`UPDATE decisions SET effect = 'deny' WHERE ${own} AND sequence = 59`], { edited: 1 }],
    ['the last statement removed', ['DELETE FROM retention_statements WHERE number = 3'], { missing: 20 }],
    [
      'a statement removed',
      ['DELETE FROM retention_statements WHERE number = 2'],
      { missing: 20, missing_statement: 1 },
    ],
    [
      'a statement edited',
      [`UPDATE retention_statements SET content = jsonb_set(content, '{decisions}', '9') WHERE number = 2`],
      { forged_statement: 1, missing: 20, missing_statement: 1 },
    ],
  ])('%s is found', async (_, changes, counts) => {
    const { counts: found } = await tampered(changes)
    // One that was signed before a neighbour changed its hash may contradict it as well.
    expect(found).toMatchObject(counts)
  })

  test('a statement that another key signed covers nothing', async () => {
    const { version, key: by, signature, ...last } = statements[2] as RetentionStatement
    expect([version, by, signature]).toHaveLength(3)
    const runs = [{ from: 79, to: 79, before: null, hash: made.links[78]?.hash ?? '' }]
    const chains = [{ chain: made.chain, proxy: 'proxy-1', records: 1, runs }]
    const forged = signStatement({ ...last, number: 4, previous: null, chains }, newSigningKey())
    const insert = `INSERT INTO retention_statements SELECT 4, 'x', time, from_time, to_time, 1, 0, '${JSON.stringify(forged)}'
      FROM retention_statements WHERE number = 3`
    const report = await tampered([insert, `DELETE FROM decisions WHERE ${own} AND sequence = 79`])
    expect(report.counts).toEqual({ forged_statement: 1, missing: 1 })
  })

  test('what comes late for a dropped day is dropped by a statement of its own', async () => {
    const late = chainOf(1, {
      chain: '01a00000-0000-7000-8000-00000000001a',
      atMs: midnight - 4 * DAY_MS,
      key: made.key,
    })
    await recordChain(base.proxyUrl, late)
    const { dropped } = await maintain()
    expect(dropped).toMatchObject([{ number: 4, decisions: 1, outcomes: 1, chains: [{ chain: late.chain }] }])
    expect(await verify()).toMatchObject({ isIntact: true, records: 60 })
  })
})

test('statements that a place outside did not take are given to it by the next maintenance', async () => {
  await recordAs(base.proxyUrl, [])
  const later = new Date(now.getTime() + DAY_MS)
  const failing = { name: 'away', publish: () => Promise.reject(new Error('away')) }
  const first = await maintain({ now: later, sinks: [failing] })
  expect([first.dropped.length, first.problem]).toEqual([1, expect.stringContaining('not kept outside: away')])
  expect(await base.database.prisma.maintenance.findFirst()).toMatchObject({ problem: first.problem, retentionDays: 2 })
  expect(await maintain({ now: later })).toMatchObject({ dropped: [], problem: null })
  expect(kept).toMatchObject([{ statement: { number: 5 } }])
})

test('a reader that holds a day keeps it, whole and unstated, until the next maintenance', async () => {
  const later = new Date(now.getTime() + 2 * DAY_MS)
  const reader = new pg.Client({ connectionString: base.ownerUrl })
  await reader.connect()
  await reader.query('BEGIN; SELECT FROM decisions')
  const held = await maintain({ now: later, lockWaitMs: 50 })
  expect([held.dropped, held.problem]).toEqual([[], expect.stringContaining('lock timeout')])
  expect(await verify()).toMatchObject({ isIntact: true })
  await reader.query('COMMIT')
  await reader.end()
  const { dropped, problem } = await maintain({ now: later })
  expect([dropped.length, problem]).toEqual([1, null])
  expect(await verify()).toMatchObject({ isIntact: true })
}, 30_000)

test('statements are not changed by accident, not by the owner either', async () => {
  await expect(asOwner('DELETE FROM retention_statements')).rejects.toThrow('never changed or removed')
  await expect(asOwner('TRUNCATE retention_statements')).rejects.toThrow('never changed or removed')
})
