import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { MOST_VIEWERS, tailHub } from '@/lib/audit/tail/hub'
import { readEvents, toolsOf } from '@/lib/audit/tail/testing/read-events'
import { decisionAt, memberWith, recordAs } from '@/lib/audit/testing/records'
import type { Actor } from '@/lib/auth/model'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { GET } from './route'

const signedIn = vi.hoisted(() => ({ actor: null as Actor | null }))
vi.mock('@/lib/auth/current-user', () => ({
  signedInActor: async () => signedIn.actor,
  signedInMember: async () => signedIn.actor && { sessionId: 's', ...signedIn.actor },
}))

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})
beforeEach(() => {
  signedIn.actor = memberWith('viewer')
})
afterEach(() => tailHub().close())

const get = (query: string, headers = {}) => GET(new Request(`http://localhost/api/record/tail?${query}`, { headers }))

test('records as events, for the filter of the page, from the one that was seen last', async () => {
  await recordAs(db.proxyUrl, [decisionAt(Date.now(), { tool: 'seen' })])
  const [newest] = await db.database.sql.query<{ id: string }>('SELECT max(id) AS id FROM record_batches')
  for (const tool of ['missed', 'other']) await recordAs(db.proxyUrl, [decisionAt(Date.now(), { tool })])
  const response = await get('range=1h&tool.not=other', { 'last-event-id': String(newest?.id) })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
  const { events } = readEvents(response.body as ReadableStream<Uint8Array>)
  await vi.waitFor(() => expect(toolsOf(events)).toEqual(['missed']), { timeout: 15_000 })
})

test.each<[string, Actor | null, string, number]>([
  ['nobody', null, '', 401],
  ['somebody without a role', memberWith(), '', 403],
  ['an unreadable filter', memberWith('viewer'), 'effect=maybe', 400],
  ['a viewer who searches arguments', memberWith('viewer'), 'args.pin=1234', 403],
  ['an editor who searches words', memberWith('editor'), 'text=secret', 403],
])('%s follows nothing', async (_, actor, query, status) => {
  signedIn.actor = actor
  expect((await get(query)).status).toBe(status)
  expect(tailHub().size).toBe(0)
})

test('the fifty-first is told to come again', async () => {
  for (let n = 0; n < MOST_VIEWERS; n++) expect((await get('')).status).toBe(200)
  const response = await get('')
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
  expect(await response.text()).toContain(`${MOST_VIEWERS} people follow the record`)
})
