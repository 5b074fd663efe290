import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Checkpoint, checkpointDigest, MOST_SEEN } from '@/lib/audit/checkpoint'
import type { Evidence } from '@/lib/audit/outside/evidence'
import { readCheckpointHeads, recordCheckpoints, recordTimestamps } from '@/lib/audit/store'
import { chainOf } from '@/lib/audit/testing/chains'
import type { Sql } from '@/lib/db/sql'
import { sqlOver } from '@/lib/db/sql'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { silentLog } from '../log'
import { until } from '../testing/gateway'
import { Others } from './others'
import { SinkQueue } from './sink-queue'
import { Stamper } from './stamper'

const evidence = chainOf(600).checkpoints.map((checkpoint): Evidence => ({ kind: 'checkpoint', checkpoint }))
const at = (index: number) => evidence[index] as Evidence

describe('a place outside', () => {
  test('that hangs keeps nobody waiting, and gets everything in order once it answers', async () => {
    const kept: Evidence[] = []
    let answer: () => void = () => undefined
    const hanging = new Promise<void>(resolve => {
      answer = resolve
    })
    const queue = new SinkQueue(
      {
        name: 'slow',
        async publish(each) {
          await hanging
          kept.push(each)
        },
      },
      silentLog,
    )
    for (const each of evidence.slice(0, 5)) queue.hand(each)
    expect(queue.state).toMatchObject({ waiting: 5, keptAt: null, keptTo: null, problem: null })
    answer()
    await until(() => queue.state.waiting === 0)
    expect(kept).toEqual(evidence.slice(0, 5))
    expect(queue.state).toMatchObject({ keptTo: { sequence: 50 }, keptAt: expect.any(Date) })
  })

  test('that fails is said once, tried again, and said to be back', async () => {
    const said: string[] = []
    const log = { ...silentLog, warn: () => void said.push('away'), info: () => void said.push('back') }
    let tries = 0
    const queue = new SinkQueue(
      {
        name: 'away',
        async publish() {
          if (++tries < 3) throw new Error('no route')
        },
      },
      log as typeof silentLog,
    )
    queue.hand(at(0))
    await until(() => queue.state.problem !== null)
    expect(queue.state).toMatchObject({ waiting: 1, problem: 'no route' })
    await until(() => queue.state.waiting === 0)
    expect([tries, said, queue.state.problem]).toEqual([3, ['away', 'back'], null])
  })

  test('for which too much waits loses what later checkpoints cover, and that is counted', () => {
    const queue = new SinkQueue({ name: 'dead', publish: () => new Promise(() => undefined) }, silentLog)
    for (let i = 0; i < 1_005; i++) queue.hand(at(i % evidence.length))
    expect(queue.state).toMatchObject({ waiting: 1_000, dropped: 5 })
  })
})

describe('an authority', () => {
  const [first, second, third] = chainOf(30).checkpoints as [Checkpoint, Checkpoint, Checkpoint]
  const stampOf = (checkpoint: Checkpoint) => ({
    checkpoint: checkpointDigest(checkpoint),
    time: new Date().toISOString(),
    token: 'AAAA',
  })

  test('is asked at most once a minute, and then for the newest checkpoint', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const asked: number[] = []
      const kept: unknown[] = []
      const stamper = new Stamper(
        async checkpoint => {
          asked.push(checkpoint.sequence)
          return stampOf(checkpoint)
        },
        stamp => kept.push(stamp),
        silentLog,
      )
      stamper.hand(first)
      await until(() => kept.length === 1)
      stamper.hand(second)
      stamper.hand(third)
      expect(asked).toEqual([10])
      vi.setSystemTime(Date.now() + 61_000)
      stamper.look()
      await until(() => kept.length === 2)
      expect(asked).toEqual([10, 30])
      expect(stamper.state).toMatchObject({ problem: null, stampedAt: expect.any(Date) })
    } finally {
      vi.useRealTimers()
    }
  })

  test('that fails is a problem that is seen, and nothing else', async () => {
    const stamper = new Stamper(
      () => Promise.reject(new Error('refused')),
      () => undefined,
      silentLog,
    )
    stamper.hand(first)
    await until(() => stamper.state.problem !== null)
    expect(stamper.state).toEqual({ stampedAt: null, problem: 'refused' })
  })
})

describe('other proxies', () => {
  let base: TestDatabase
  let pool: pg.Pool
  let sql: Sql
  beforeAll(async () => {
    base = await testDatabase()
    pool = new pg.Pool({ connectionString: base.proxyUrl, max: 2 })
    sql = sqlOver(pool)
  })
  afterAll(async () => {
    await pool.end()
    await base.close()
  })
  const record = (checkpoints: readonly Checkpoint[]) =>
    recordCheckpoints(
      sql,
      checkpoints.map(each => JSON.stringify({ digest: checkpointDigest(each), ...each })),
    )

  test('are named by the newest checkpoint that Postgres has of each, this one left out', async () => {
    const of = (proxy: string, chain: string) =>
      chainOf(20, { chain: `01a00000-0000-7000-8000-0000000000${chain}`, fields: { proxy } }).checkpoints
    const made = { a: of('a', 'a1'), b: of('b', 'b1'), c: of('c', 'c1') }
    for (const checkpoints of Object.values(made)) await record(checkpoints)
    const { heads, statement } = await readCheckpointHeads(sql, 'a')
    expect(statement).toBeNull()
    expect(heads.map(({ proxy, sequence }) => [proxy, sequence])).toEqual([
      ['b', 40],
      ['c', 40],
    ])
    expect(heads[0]?.digest).toBe(checkpointDigest(made.b.at(-1) as Checkpoint))
    const others = new Others(sql, 'a')
    await others.start()
    others.stop()
    expect(others.take()).toEqual({ seen: heads, statement: null })
  })

  test('take turns when there are more than one checkpoint names', async () => {
    const heads = Array.from({ length: MOST_SEEN + 10 }, (_, i) => ({
      proxy: `proxy-${i}`,
      chain: '01a00000-0000-7000-8000-0000000000a1',
      sequence: 1,
      digest: 'a'.repeat(64),
    }))
    const many: Sql = { query: async <Row>() => [{ heads: { heads, statement: null } }] as Row[] }
    const others = new Others(many, 'me')
    await others.refresh()
    const named = [...others.take().seen, ...others.take().seen].map(({ proxy }) => proxy)
    expect(named).toHaveLength(2 * MOST_SEEN)
    expect(new Set(named).size).toBe(MOST_SEEN + 10)
  })

  test('are named as they were last known while Postgres is away', async () => {
    let isAway = false
    const flaky: Sql = {
      query: (text, parameters) => (isAway ? Promise.reject(new Error('away')) : sql.query(text, parameters)),
    }
    const others = new Others(flaky, 'b')
    await others.refresh()
    isAway = true
    await others.refresh()
    expect(others.take().seen.map(({ proxy }) => proxy)).toEqual(['a', 'c'])
  })

  test('time-stamps lie beside the record, each once', async () => {
    const stamp = { checkpoint: 'a'.repeat(64), time: '2026-11-22T10:00:00.000Z', token: 'AAAA' }
    await recordTimestamps(sql, [stamp])
    await recordTimestamps(sql, [stamp])
    expect(await base.database.prisma.timestamp.findMany()).toMatchObject([{ ...stamp, time: new Date(stamp.time) }])
  })
})
