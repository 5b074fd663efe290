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
beforeEach(() => owner.query('TRUNCATE decisions, outcomes, decision_hours, decision_tool_hours'))

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

const counted = `date_trunc('hour', time, 'UTC') AS hour, server, %s
  CASE WHEN code = 'rate_limited' THEN 'rate_limited' ELSE effect END AS effect, count(*) AS count FROM decisions`

/** The roll-ups, and the same numbers counted from the rows. */
async function rollUps() {
  return {
    kept: {
      hours: await rowsOf('SELECT hour, server, effect, count FROM decision_hours ORDER BY 1, 2, 3'),
      tools: await rowsOf('SELECT hour, server, tool, effect, count FROM decision_tool_hours ORDER BY 1, 2, 3, 4'),
    },
    counted: {
      hours: await rowsOf(`SELECT ${counted.replace('%s', '')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`),
      tools: await rowsOf(
        `SELECT ${counted.replace('%s', 'tool,')} WHERE tool IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
      ),
    },
  }
}

describe('record_calls', () => {
  const hourMs = 3_600_000
  const batch = Array.from({ length: 120 }, (_, n) => line(n, Date.now() - (n % 4) * hourMs))

  test('replayed whole, in part, in another order and twice in one batch, keeps rows and roll-ups exact', async () => {
    expect(await record(batch)).toBe(120)
    const once = await rollUps()
    expect(once.kept).toEqual(once.counted)
    expect(once.kept.hours.reduce((sum, row) => sum + Number(row.count), 0)).toBe(120)

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
