import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BenchDatabase, benchDatabase, fill, firstDay } from './bench-database'
import { measureReads } from './measure-reads'
import { measureShipping } from './ship'

// The bench itself, with little of everything: that it measures what it says, and does not rot.

const extent = { days: 2, callsPerDay: 2_000 }
let database: BenchDatabase
beforeAll(async () => {
  database = await benchDatabase(1e8, { fsync: 'off', shared_buffers: '64MB' })
})
afterAll(() => database.close())

test('every spooled record is shipped, once', async () => {
  const shipped = await measureShipping(database.proxyUrl, 300, 10)
  const client = new pg.Client({ connectionString: database.ownerUrl })
  await client.connect()
  const { rows } = await client.query(
    'SELECT (SELECT count(*) FROM decisions)::int AS decisions, (SELECT count(*) FROM outcomes)::int AS outcomes',
  )
  await client.query(
    'TRUNCATE decisions, outcomes, decision_hours, decision_tool_hours, decision_tool_days, decision_identity_hours, decision_identity_days',
  )
  await client.end()
  expect(rows[0].decisions).toBe(300)
  expect(rows[0].decisions + rows[0].outcomes).toBe(shipped.records)
})

test('every read is measured on records like life', async () => {
  await fill(database, extent)
  const measured = await measureReads(database, firstDay(extent).getTime() + extent.days * 86_400_000 - 1_000, 1)
  expect(measured.length).toBeGreaterThan(50)
  expect(new Set(measured.map(({ name }) => name)).size).toBe(measured.length)
  expect(measured.every(({ middle, best, worst }) => best > 0 && best <= middle && middle <= worst)).toBe(true)
}, 60_000)
