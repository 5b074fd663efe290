import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from './testing'
import { uuidv7 } from './uuid'

// What the record's one door promises: a replayed batch changes nothing, charts agree with the rows, no time is refused.

let db: TestDatabase
let owner: pg.Client
let proxy: pg.Client

beforeAll(async () => {
  db = await testDatabase()
  owner = new pg.Client({ connectionString: db.ownerUrl })
  proxy = new pg.Client({ connectionString: db.proxyUrl })
  await Promise.all([owner.connect(), proxy.connect()])
})
afterAll(async () => {
  await Promise.all([owner.end(), proxy.end()])
  await db.close()
})
beforeEach(() =>
  owner.query(`TRUNCATE decisions, outcomes, decision_hours, decision_tool_hours, decision_tool_days, decision_identity_hours,
    decision_identity_days, record_batches`),
)

interface Line {
  id: string
  time: string
  [field: string]: unknown
}

const effects = [
  { effect: 'allow' },
  { effect: 'deny', code: 'policy_denied' },
  { effect: 'deny', code: 'rate_limited' },
  { effect: 'require_approval', code: 'approval_required' },
]

/** A call at `at`; `n` spreads calls over effects, tools and servers. */
function line(n: number, at = Date.now()): Line {
  return {
    id: uuidv7(at),
    time: new Date(at).toISOString(),
    record_version: 1,
    proxy: 'p1',
    server: n % 3 ? 'mistral' : 'files',
    identity: n % 11 ? `agent_${n % 4}` : null,
    method: n % 7 ? 'tools/call' : 'resources/read',
    tool: n % 7 ? `tool_${n % 5}` : null,
    ...effects[n % effects.length],
  }
}

const outcomeOf = (call: Line) => ({
  decision_id: call.id,
  decision_time: call.time,
  record_version: 1,
  kind: 'result',
  recorded_at: call.time,
})

async function record(calls: Line[], outcomes: object[] = calls.map(outcomeOf)): Promise<number> {
  const { rows } = await proxy.query('SELECT record_calls($1, $2) AS inserted', [
    JSON.stringify(calls),
    JSON.stringify(outcomes),
  ])
  return rows[0].inserted
}

const rowsOf = async (text: string) => (await owner.query(text)).rows

const shown = `CASE WHEN code = 'rate_limited' THEN 'rate_limited' ELSE effect END`

/** Each roll-up as it is kept, and the same numbers counted from the rows. */
const rollUpTables = [
  ['decision_hours', 'hour', 'server', 'true'],
  ['decision_tool_hours', 'hour', 'server, tool', 'tool IS NOT NULL'],
  ['decision_tool_days', 'day', 'server, tool', 'tool IS NOT NULL'],
  ['decision_identity_hours', 'hour', 'identity', 'true'],
  ['decision_identity_days', 'day', 'identity', 'true'],
] as const

async function rollUps() {
  const [kept, counted] = [new Map<string, object[]>(), new Map<string, object[]>()]
  for (const [table, unit, columns, where] of rollUpTables) {
    kept.set(
      table,
      await rowsOf(`SELECT ${unit}, ${columns}, effect, count FROM ${table} ORDER BY ${unit}, ${columns}, effect`),
    )
    counted.set(
      table,
      await rowsOf(
        `SELECT ${unit}, ${columns}, effect, count(*) FROM (SELECT date_trunc('${unit}', time, 'UTC') AS ${unit}, server, tool,
           coalesce(identity, '') AS identity, ${shown} AS effect FROM decisions WHERE ${where}) d
         GROUP BY ${unit}, ${columns}, effect ORDER BY ${unit}, ${columns}, effect`,
      ),
    )
  }
  return { kept, counted }
}

describe('record_calls', () => {
  const hourMs = 3_600_000
  const batch = Array.from({ length: 120 }, (_, n) => line(n, Date.now() - (n % 4) * hourMs))

  test('replayed whole, in part, in another order and twice in one batch, keeps rows and roll-ups exact', async () => {
    expect(await record(batch)).toBe(120)
    const once = await rollUps()
    expect(once.kept).toEqual(once.counted)
    for (const table of ['decision_hours', 'decision_identity_days'])
      expect((once.kept.get(table) as { count: string }[]).reduce((sum, row) => sum + Number(row.count), 0)).toBe(120)

    expect(await record(batch)).toBe(0)
    expect(await record([...batch].reverse().slice(10, 60))).toBe(0)
    const fresh = line(500)
    expect(await record([fresh, ...batch.slice(0, 5), fresh])).toBe(1)
    const replayed = await rollUps()
    expect(replayed.kept).toEqual(replayed.counted)
    expect(await rowsOf('SELECT count(*) FROM decisions')).toEqual([{ count: '121' }])
    expect(await rowsOf('SELECT count(*) FROM outcomes')).toEqual([{ count: '121' }])
  })

  test('from two proxies at once counts every call once', async () => {
    const second = new pg.Client({ connectionString: db.proxyUrl })
    await second.connect()
    try {
      const asText = JSON.stringify(batch)
      await Promise.all([
        record(batch),
        second.query('SELECT record_calls($1, $2)', [asText, '[]']),
        record(batch.slice(0, 50)),
      ])
    } finally {
      await second.end()
    }
    const after = await rollUps()
    expect(after.kept).toEqual(after.counted)
    expect(await rowsOf('SELECT count(*) FROM decisions')).toEqual([{ count: '120' }])
  })

  test('takes an outcome in a later batch than its decision, once', async () => {
    const call = line(1)
    await record([call], [])
    await record([], [outcomeOf(call)])
    await record([], [{ ...outcomeOf(call), kind: 'unknown' }])
    expect(await rowsOf('SELECT kind FROM outcomes')).toEqual([{ kind: 'result' }])
  })
})

describe('the line of a batch', () => {
  const chain = '01a00000-0000-7000-8000-0000000000aa'
  const linked = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ ...line(n), chain, sequence: from + n, hash: 'ab'.repeat(32) }))
  const batches = () =>
    rowsOf('SELECT chain, first_sequence AS first, last_sequence AS last, records FROM record_batches ORDER BY id')

  test('says where its new records are, and listeners hear its number once it is committed', async () => {
    const heard: string[] = []
    owner.on('notification', ({ payload }) => heard.push(payload ?? ''))
    await owner.query('LISTEN intercept_record')
    const calls = linked(10, 5)
    const outcomes = calls
      .slice(0, 2)
      .map((call, n) => ({ ...outcomeOf(call), chain, sequence: 20 + n, hash: 'cd'.repeat(32) }))
    await record(calls, outcomes)
    expect(await batches()).toEqual([{ chain, first: '10', last: '21', records: 7 }])
    await record(calls, outcomes)
    expect(await batches()).toHaveLength(1)
    const { rows } = await owner.query('SELECT max(id)::text AS id FROM record_batches')
    expect(heard).toEqual([rows[0].id])
    await owner.query('UNLISTEN intercept_record')
  })

  test('of records outside a chain and of two chains at once', async () => {
    await record([...linked(1, 2), line(5)], [])
    expect(await batches()).toEqual(
      expect.arrayContaining([
        { chain, first: '1', last: '2', records: 2 },
        { chain: null, first: null, last: null, records: 1 },
      ]),
    )
  })
})

describe('ensure_partitions', () => {
  test('moves what DEFAULT caught into the day it belongs to; replay still finds it', async () => {
    const at = Date.now() + 10 * 86_400_000
    const early = [line(1, at), line(2, at)]
    await record(early)
    expect(await rowsOf('SELECT count(*) FROM decisions_default')).toEqual([{ count: '2' }])
    const before = await rowsOf('SELECT * FROM decisions ORDER BY id')

    const { rows } = await owner.query('SELECT ensure_partitions(11) AS made')
    expect(rows[0].made).toBeGreaterThanOrEqual(2)
    const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '')
    for (const parent of ['decisions', 'outcomes']) {
      expect(await rowsOf(`SELECT count(*) FROM ${parent}_default`)).toEqual([{ count: '0' }])
      expect(await rowsOf(`SELECT count(*) FROM ${parent}_${day}`)).toEqual([{ count: '2' }])
    }
    expect(await rowsOf('SELECT * FROM decisions ORDER BY id')).toEqual(before)
    expect(await record(early)).toBe(0)
    expect(await rowsOf('SELECT ensure_partitions(11) AS made')).toEqual([{ made: 0 }])
  })

  test('gives today and the coming week their partitions on a migrated database', async () => {
    await record([line(1)])
    expect(await rowsOf('SELECT count(*) FROM decisions_default')).toEqual([{ count: '0' }])
  })

  test('keeps new partitions as closed as their parent', async () => {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
    await expect(proxy.query(`DELETE FROM decisions_${day}`)).rejects.toMatchObject({ code: '42501' })
    await expect(db.database.sql.query(`DELETE FROM outcomes_${day}`)).rejects.toMatchObject({ code: '42501' })
  })
})
