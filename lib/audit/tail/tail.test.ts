import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { readSession, type SignedInMember } from '@/lib/auth/sessions'
import { openDatabase } from '@/lib/db/client'
import { replaceDatabase } from '@/lib/db/current'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { ensureRoles } from '@/lib/db/roles'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { migrate } from '@/prisma/migrate'
import type { FilterCondition, RecordFilter } from '../filter/model'
import { chainOf } from '../testing/chains'
import { recordChain } from '../testing/recorded'
import { decisionAt, outcomeOf, recordAs } from '../testing/records'
import { MOST_VIEWERS, TailFull, TailHub } from './hub'
import { readEvents, type TailEvent, toolsOf } from './testing/read-events'
import { MOST_WAITING_BYTES } from './viewer'

vi.mock('@/lib/auth/sessions')

const patience = { timeout: 15_000, interval: 20 }
const member = (sessionId: string) => ({ sessionId })
const view = (...conditions: FilterCondition[]): RecordFilter => ({ conditions, range: { preset: '24h' } })
const is = (field: FilterCondition['field'], ...values: string[]): FilterCondition => ({
  field,
  operator: 'is',
  values,
})
const signedIn = (roles: SignedInMember['roles']) =>
  vi.mocked(readSession).mockImplementation(async sessionId => ({
    id: sessionId,
    name: sessionId,
    email: '',
    roles,
    sessionId,
    isUseUnnoted: false,
  }))

let db: TestDatabase
let hub: TailHub
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})
const fresh = () => {
  replaceDatabase(db.database)
  signedIn(['viewer'])
  hub = new TailHub()
  return hub
}
afterEach(() => hub.close())

const decide = (tool: string, fields = {}) => decisionAt(Date.now(), { tool, ...fields })
const follow = (filter: RecordFilter, { session = 's', after = null as number | null } = {}) =>
  readEvents(hub.open(member(session), filter, after).stream)
/** Until what is shipped from here on is new to them. */
const following = (...viewers: { events: TailEvent[] }[]) =>
  vi.waitFor(() => expect(viewers.every(({ events }) => events[0]?.event === 'ready')).toBe(true), patience)

describe('fifty viewers', () => {
  test('get each record once by their own filter, over one connection; the fifty-first is refused', async () => {
    fresh()
    const tools = ['read_file', 'kubectl_delete']
    const viewers = Array.from({ length: MOST_VIEWERS }, (_, n) => ({
      n,
      ...follow(n % 3 === 0 ? view() : view(n % 3 === 1 ? is('tool', tools[0] ?? '') : is('effect', 'deny'))),
    }))
    expect(() => follow(view())).toThrow(TailFull)
    await following(...viewers)
    const refused = { effect: 'deny' as const, code: 'policy_denied' }
    await recordAs(db.proxyUrl, [decide('read_file'), decide('kubectl_delete', refused)])
    await vi.waitFor(() => {
      for (const { n, events } of viewers)
        expect([n, toolsOf(events).sort()]).toEqual([n, [[...tools].sort(), ['read_file'], ['kubectl_delete']][n % 3]])
    }, patience)
    await viewers[0]?.cancel()
    expect(hub.size).toBe(MOST_VIEWERS - 1)
    expect(() => follow(view())).not.toThrow()
  })

  test('of whom one reads nothing: that one is dropped with a word, the others go on', async () => {
    fresh()
    const slow = hub.open(member('slow'), view(), null)
    const quick = follow(view())
    await following(quick)
    const [sent, each] = [new Set<string>(), 20]
    for (let waits = 0; waits <= MOST_WAITING_BYTES + each * 5_000; waits += each * 5_000) {
      const wide = Array.from({ length: each }, (_, n) => decide(`t${sent.size + n}`, { rule: 'r'.repeat(5_000) }))
      await recordAs(db.proxyUrl, wide)
      for (const { tool } of wide) sent.add(tool ?? '')
      await vi.waitFor(() => expect(new Set(toolsOf(quick.events))).toEqual(sent), patience)
    }
    await vi.waitFor(() => expect(hub.size).toBe(1), patience)
    const late = readEvents(slow.stream)
    await late.done
    expect(late.events.at(-1)).toMatchObject({ event: 'end', data: { why: 'slow' } })
  })
})

test('an outcome that comes later brings its record again, with it', async () => {
  fresh()
  const viewer = follow(view(is('tool', 'later')))
  await following(viewer)
  const call = decide('later')
  await recordAs(db.proxyUrl, [call])
  await vi.waitFor(() => expect(toolsOf(viewer.events)).toHaveLength(1), patience)
  await recordAs(db.proxyUrl, [], [outcomeOf(call)])
  await vi.waitFor(() => expect(toolsOf(viewer.events)).toHaveLength(2), patience)
  expect(viewer.events.at(-1)?.data.rows).toMatchObject([{ id: call.id, outcome: { kind: 'result' } }])
})

test('records of a chain are read by their place in it', async () => {
  fresh()
  const viewer = follow({ conditions: [], range: { from: new Date('2026-11-20'), to: new Date('2026-11-24') } })
  await following(viewer)
  const made = chainOf(30)
  await recordChain(db.proxyUrl, made)
  await vi.waitFor(
    () => expect(new Set(viewer.events.flatMap(each => each.data.rows?.map(row => row.id) ?? [])).size).toBe(30),
    patience,
  )
})

describe('a session that ends', () => {
  test.each([
    ['signed-out', view(), async () => null],
    ['forbidden', view(is('text', 'secret words')), undefined],
  ])('ends the stream: %s', async (why, filter, answer) => {
    fresh()
    const one = follow(filter, { session: 'gone' })
    const other = follow(view(), { session: 'stays' })
    if (answer)
      vi.mocked(readSession).mockImplementation(async id =>
        id === 'gone' ? null : { id, name: '', email: '', roles: ['viewer'], sessionId: id, isUseUnnoted: false },
      )
    await vi.waitFor(() => expect(one.events.at(-1)).toMatchObject({ event: 'end', data: { why } }), patience)
    await one.done
    expect(hub.size).toBe(1)
    expect(other.events.map(each => each.event)).not.toContain('end')
  })
})

describe('nothing is missed', () => {
  test('by who comes back with the number of what was seen last', async () => {
    fresh()
    const first = follow(view(is('server', 'again')))
    await following(first)
    await recordAs(db.proxyUrl, [decide('seen', { server: 'again' })])
    await vi.waitFor(() => expect(toolsOf(first.events)).toEqual(['seen']), patience)
    const last = Number(first.events.at(-1)?.id)
    await first.cancel()
    for (const tool of ['one', 'two']) await recordAs(db.proxyUrl, [decide(tool, { server: 'again' })])
    const again = follow(view(is('server', 'again')), { after: last })
    await vi.waitFor(() => expect(toolsOf(again.events)).toEqual(expect.arrayContaining(['one', 'two'])), patience)
  })

  test('when the listening connection is cut, and batches commit out of order', async () => {
    fresh()
    const viewer = follow(view(is('server', 'cut')))
    await following(viewer)
    const owner = new pg.Client({ connectionString: db.ownerUrl })
    const proxy = new pg.Client({ connectionString: db.proxyUrl })
    await Promise.all([owner.connect(), proxy.connect()])
    try {
      const record = (client: pg.Client, tool: string) =>
        client.query('SELECT record_calls($1, $2)', [JSON.stringify([decide(tool, { server: 'cut' })]), '[]'])
      // Its number is given out first, and seen last.
      await owner.query('BEGIN')
      await owner.query(
        `INSERT INTO record_batches (first_time, last_time, records) VALUES (now(), now() + interval '1 hour', 0)`,
      )
      await record(proxy, 'after it')
      await vi.waitFor(() => expect(toolsOf(viewer.events)).toEqual(['after it']), patience)
      await owner.query('COMMIT')
      await db.database.sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND query LIKE 'LISTEN%'`,
      )
      await record(proxy, 'while cut')
      await vi.waitFor(() => expect(toolsOf(viewer.events)).toContain('while cut'), patience)
    } finally {
      await Promise.all([owner.end(), proxy.end()])
    }
  })

  test('when Postgres itself is started anew', async () => {
    fresh()
    const folder = mkdtempSync(path.join(tmpdir(), 'intercept-tail-'))
    const flags = { fsync: 'off', synchronous_commit: 'off' }
    let postgres = await startPostgres(folder, flags)
    await migrate(postgres.ownerUrl)
    const urls = await ensureRoles(postgres.ownerUrl, { consolePassword: 'console', proxyPassword: 'proxy' })
    const own = openDatabase(urls.consoleUrl)
    replaceDatabase(own)
    try {
      const viewer = follow(view())
      await following(viewer)
      await postgres.stop()
      postgres = await startPostgres(folder, flags)
      await recordAs(urls.proxyUrl, [decide('afterwards')])
      await vi.waitFor(() => expect(toolsOf(viewer.events)).toContain('afterwards'), patience)
    } finally {
      hub.close()
      await own.close()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000)
})
