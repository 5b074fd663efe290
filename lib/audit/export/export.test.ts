import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { quarantineRecord } from '../store'
import { chainOf, newSigningKey } from '../testing/chains'
import { recordChain } from '../testing/recorded'
import { decisionAt, memberWith, recordAs } from '../testing/records'
import { UnreadableExport, verifyExport } from '../verify/export-file'
import { verifyRecord } from '../verify/live'
import { type ExportOptions, exportRecord } from './export'

// The record as it stands in Postgres, and an export of it, verify alike; who writes to the tables is found.

const auditor = memberWith('auditor')
const key = newSigningKey()
const keys = [key.publicKey]
const first = chainOf(60, { key, fields: { arguments: { note: 'a "quoted", line\nand =more' }, identity: 'one' } })
const second = chainOf(20, {
  key,
  chain: '01a00000-0000-7000-8000-00000000000e',
  fields: { proxy: 'proxy-2', identity: 'two', server: 'files' },
})
const outside = [...first.checkpoints, ...second.checkpoints]

let db: TestDatabase
let owner: pg.Client
beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
  owner = new pg.Client({ connectionString: db.ownerUrl })
  await owner.connect()
})
afterAll(async () => {
  replaceDatabase(undefined)
  await owner.end()
  await db.close()
})
beforeEach(async () => {
  await owner.query(
    'TRUNCATE decisions, outcomes, decision_hours, decision_tool_hours, checkpoints, quarantine, changes',
  )
  await recordChain(db.proxyUrl, first)
  await recordChain(db.proxyUrl, second)
})

const all: ExportOptions = { format: 'ndjson', conditions: [], since: null, until: null, proof: false }
async function exported(options: Partial<ExportOptions> = {}): Promise<string[]> {
  const lines: string[] = []
  for await (const line of exportRecord(auditor, { ...all, ...options })) lines.push(line)
  return lines
}
async function* asLines(lines: readonly string[]) {
  for (const line of lines) yield line.replace(/\n$/, '')
}
const verifyLines = (lines: readonly string[]) => verifyExport(asLines(lines), { outside, keys })
const verifyLive = () => verifyRecord(auditor, { outside, keys })

test('the untouched record is intact, live and as an export', async () => {
  const live = await verifyLive()
  expect(live).toMatchObject({ isIntact: true, records: 160, notes: [] })
  expect(live.chains).toMatchObject([
    { proxy: 'proxy-1', last: 120, anchoredTo: 120 },
    { proxy: 'proxy-2', last: 40, anchoredTo: 40 },
  ])
  expect(await verifyLines(await exported())).toEqual(live)
})

test('a chain longer than what is read at once is read whole, from any place', async () => {
  const long = chainOf(5_100, { key, chain: '01a00000-0000-7000-8000-000000000010', every: 1_000 })
  await recordChain(db.proxyUrl, long)
  expect(await verifyRecord(auditor, { outside: [...outside, ...long.checkpoints], keys })).toMatchObject({
    isIntact: true,
    records: 160 + 10_200,
  })
  const numbers = (lines: string[]) =>
    lines.flatMap(line => (line.includes(long.chain) && line.includes('"kind"') ? [JSON.parse(line).sequence] : []))
  const since = new Date(Date.UTC(2026, 10, 22) + 2_000)
  expect(numbers(await exported({ since }))).toEqual(Array.from({ length: 6_200 }, (_, i) => i + 4_001))
})

test('each record of an export has its place and the checkpoint that covers it', async () => {
  const lines = (await exported()).map(line => JSON.parse(line))
  const records = lines.filter(line => line.record)
  expect(records).toHaveLength(160)
  expect(records.slice(0, 11).map(({ sequence, checkpoint }) => [sequence, checkpoint])).toEqual(
    Array.from({ length: 11 }, (_, i) => [i + 1, i < 10 ? 10 : 20]),
  )
  expect(lines[0]).toMatchObject({ intercept_export: 1, whole: true, filter: null })
  expect(lines.at(-1)).toEqual({ end: { records: 160 } })
})

test('an export that another program wrote again verifies too', async () => {
  const pretty = (await exported()).map(line => JSON.stringify({ hint: 'added', ...JSON.parse(line) }))
  expect(await verifyLines(pretty)).toMatchObject({ isIntact: true, records: 160 })
})

describe('who writes to the tables is found, live and in an export', () => {
  const at = (sequence: number) => `chain = '${first.chain}' AND sequence = ${sequence}`
  const swapDecision = (a: number, b: number) => `
    UPDATE outcomes SET decision_id = '01a00000-0000-7000-8000-0000000000ff' WHERE ${at(a)};
    UPDATE outcomes o SET decision_id = d.id, decision_time = d.time FROM decisions d
      WHERE o.chain = '${first.chain}' AND o.sequence = ${b} AND d.${at(a - 1).replace(' AND ', ' AND d.')};
    UPDATE outcomes o SET decision_id = d.id, decision_time = d.time FROM decisions d
      WHERE o.chain = '${first.chain}' AND o.sequence = ${a} AND d.${at(b - 1).replace(' AND ', ' AND d.')};`
  const exchange = (a: number, b: number) => `
    CREATE TEMP TABLE place AS SELECT chain, sequence, hash FROM decisions WHERE ${at(a)};
    UPDATE decisions d SET sequence = o.sequence, hash = o.hash FROM decisions o
      WHERE d.chain = o.chain AND d.sequence = ${a} AND o.${at(b).replace(' AND ', ' AND o.')};
    UPDATE decisions d SET sequence = p.sequence, hash = p.hash FROM place p
      WHERE d.chain = p.chain AND d.sequence = ${b} AND d.id <> (SELECT id FROM decisions WHERE ${at(b)} ORDER BY time LIMIT 1);
    DROP TABLE place;`

  test.each<[what: string, statement: string, kind: string, sequence: number | null]>([
    ['an effect', `UPDATE decisions SET effect = 'deny' WHERE ${at(41)}`, 'edited', 41],
    ['an argument', `UPDATE decisions SET arguments = '{"note":"x"}' WHERE ${at(41)}`, 'edited', 41],
    ['a time', `UPDATE outcomes SET recorded_at = recorded_at + interval '1 ms' WHERE ${at(42)}`, 'edited', 42],
    ['a hash', `UPDATE decisions SET hash = sha256('x') WHERE ${at(41)}`, 'edited', 41],
    ['a deletion', `DELETE FROM decisions WHERE ${at(41)}`, 'missing', 41],
    ['an outcome’s deletion', `DELETE FROM outcomes WHERE ${at(42)}`, 'missing', 42],
    ['two outcomes exchanged', swapDecision(42, 44), 'swapped_outcome', 42],
    ['two decisions exchanged', exchange(41, 43), 'reordered', 41],
    [
      'the end cut off',
      `DELETE FROM decisions WHERE sequence > 80; DELETE FROM outcomes WHERE sequence > 80`,
      'truncated',
      81,
    ],
    [
      'a chain removed',
      `DELETE FROM decisions WHERE chain = '${first.chain}'; DELETE FROM outcomes WHERE chain = '${first.chain}'`,
      'truncated',
      1,
    ],
    [
      'a record taken out of its chain',
      `UPDATE decisions SET chain = NULL, sequence = NULL, hash = NULL WHERE ${at(41)}`,
      'missing',
      41,
    ],
  ])('%s', async (_, statement, kind, sequence) => {
    await owner.query(statement)
    for (const report of [await verifyLive(), await verifyLines(await exported())]) {
      expect(report.isIntact).toBe(false)
      expect(report.findings[0]).toMatchObject({ kind, chain: first.chain, sequence })
    }
  })

  test('a record put in without a place', async () => {
    await recordAs(db.proxyUrl, [decisionAt(Date.now())])
    for (const report of [await verifyLive(), await verifyLines(await exported())])
      expect(report.findings).toMatchObject([{ kind: 'unlinked' }])
  })

  test('the checkpoints removed beside a cut-off end, by what was kept outside', async () => {
    await owner.query(
      'DELETE FROM decisions WHERE sequence > 80; DELETE FROM outcomes WHERE sequence > 80; DELETE FROM checkpoints',
    )
    expect((await verifyLive()).findings).toMatchObject([{ kind: 'truncated', sequence: 81 }])
    expect(await verifyRecord(auditor, { outside: [], keys })).toMatchObject({ isIntact: true })
  })
})

test('a record in quarantine is a link like any other', async () => {
  const link = first.links[40]
  await owner.query('DELETE FROM decisions WHERE sequence = 41')
  const text = `${link?.record?.slice(0, -1)},"chain":"${first.chain}","sequence":41,"hash":"${link?.hash}"}`
  const place = { chain: first.chain, sequence: 41, hash: link?.hash ?? '' }
  const proxy = (await import('@/lib/db/client')).openDatabase(db.proxyUrl, 1)
  await quarantineRecord(proxy.sql, { kind: 'decision', text, error: 'refused', place })
  await proxy.close()
  expect(await verifyLive()).toMatchObject({ isIntact: true, records: 160 })
  expect(await verifyLines(await exported())).toMatchObject({ isIntact: true, records: 160 })
})

test('a second outcome of one call, which its table cannot hold, stays a link of the chain', async () => {
  await owner.query(`DELETE FROM outcomes WHERE sequence = 42`)
  const stolen = JSON.parse(first.links[41]?.record ?? '')
  await recordAs(db.proxyUrl, [], [stolen])
  await recordChain(db.proxyUrl, { ...first, links: first.links.slice(41, 42), checkpoints: [] })
  expect((await owner.query('SELECT kind, sequence FROM quarantine')).rows).toEqual([
    { kind: 'outcome', sequence: '42' },
  ])
  const report = await verifyLive()
  expect(report.counts).toEqual({ unlinked: 1 })
})

describe('a part', () => {
  const since = new Date(Date.UTC(2026, 10, 22) + 20)
  const until = new Date(Date.UTC(2026, 10, 22) + 40)

  test('in time leaves nothing out between its ends, and is verified from the link before it', async () => {
    const report = await verifyLines(await exported({ since, until }))
    expect(report).toMatchObject({ isIntact: true, chains: [{ first: 41, last: 79, anchoredTo: 70, notAnchored: 9 }] })
    expect(report.notes.join(' ')).toContain('part of the record')
  })

  const conditions = [{ field: 'server', operator: 'is', values: ['files'] }] as const

  test('by a filter says that it is one, and what cannot be told', async () => {
    const lines = await exported({ conditions, since, until: null })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ filter: conditions, proof: false, whole: false })
    const report = await verifyLines(await exported({ conditions }))
    expect(report).toMatchObject({ isIntact: true, records: 40, chains: [{ anchoredTo: 0, notAnchored: 40 }] })
    expect(report.notes.join(' ')).toContain('--proof')
  })

  test('by a filter with proof shows the filtered records alone, and all of it is verified', async () => {
    const lines = await exported({ conditions, proof: true })
    const shown = lines.map(line => JSON.parse(line)).filter(({ record }) => record)
    expect(shown).toHaveLength(40)
    expect(lines.join('')).not.toContain('quoted')
    const report = await verifyLines(lines)
    expect(report).toMatchObject({ isIntact: true, records: 160, chains: [{ anchoredTo: 120 }, { anchoredTo: 40 }] })
    const edited = lines.map(line => line.replace('"server":"files"', '"server":"other"'))
    expect(await verifyLines(edited)).toMatchObject({ isIntact: false, counts: { edited: 20 } })
  })
})

describe('an export file', () => {
  test.each<[string, (lines: string[]) => string[], string]>([
    ['cut off', lines => lines.slice(0, -30), 'truncated'],
    ['without a line', lines => lines.filter((_, i) => i !== 60), 'missing'],
    [
      'with two lines exchanged',
      lines => lines.map((line, i) => lines[i === 60 ? 61 : i === 61 ? 60 : i] ?? line),
      'reordered',
    ],
    [
      'that begins later and says so',
      lines =>
        lines.flatMap((line, i) =>
          i === 0
            ? [line.replace('"from":1', '"from":11')]
            : /"sequence":([1-9]|10),"kind"/.test(line) && line.includes(first.chain)
              ? []
              : [line],
        ),
      'missing',
    ],
    [
      'with one letter changed',
      lines =>
        lines.map(line =>
          line.replace('"sequence":41,', '"sequence":41,').replace(/"n":0|"tool":"workflow_interact"/, '"tool":"x"'),
        ),
      'edited',
    ],
  ])('%s is found', async (_, change, kind) => {
    const report = await verifyLines(change(await exported()))
    expect(report.isIntact).toBe(false)
    expect(report.findings.map(finding => finding.kind)).toContain(kind)
  })

  test.each<[string, string[], string]>([
    ['nothing', [], 'empty'],
    ['another file', ['{"a":1}\n'], 'Line 1'],
    ['no JSON', ['time,id\n'], 'Line 1'],
  ])('of %s is refused', async (_, lines, message) => {
    await expect(verifyLines(lines)).rejects.toThrow(UnreadableExport)
    await expect(verifyLines(lines)).rejects.toThrow(message)
  })
})

test('CSV holds every record in a row that a table cannot take for a formula', async () => {
  const text = (await exported({ format: 'csv' })).join('')
  const rows = text.split('\r\n')
  expect(rows[0]).toMatch(/^record,chain,sequence,hash,checkpoint,id,time,/)
  expect(rows).toHaveLength(1 + 160 + 1)
  expect(rows[1]).toContain(`decision,${first.chain},1,${first.links[0]?.hash},10,`)
  expect(text).toContain('"{""note"":""a \\""quoted\\"", line\\nand =more""}"')
  await recordAs(db.proxyUrl, [decisionAt(Date.now(), { tool: '=HYPERLINK("x")' })])
  expect((await exported({ format: 'csv' })).join('')).toContain(`"'=HYPERLINK(""x"")"`)
})

test('only who may export does, and it is seen', async () => {
  const viewer = memberWith('viewer', 'admin')
  await expect(exportRecord(viewer, all).next()).rejects.toMatchObject({ kind: 'forbidden' })
  await expect(verifyRecord(viewer, { outside, keys })).rejects.toMatchObject({ kind: 'forbidden' })
  await exported()
  expect((await owner.query('SELECT action, actor FROM changes')).rows).toEqual([
    { action: 'record.export', actor: 'reader' },
  ])
})

test('three at once, and no more', async () => {
  const open = Array.from({ length: 3 }, () => exportRecord(auditor, all))
  for (const lines of open) await lines.next()
  await expect(exportRecord(auditor, all).next()).rejects.toMatchObject({ kind: 'conflict' })
  for (const lines of open) await lines.return(undefined)
  expect(await exported()).not.toEqual([])
})

test('whoever stops reading in the middle leaves no connection behind', async () => {
  for (let i = 0; i < 15; i++) {
    const lines = exportRecord(auditor, all)
    for await (const _ of lines) break
  }
  expect(db.database.pool.totalCount - db.database.pool.idleCount).toBe(0)
})
