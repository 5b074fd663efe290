import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { chainOf } from '@/lib/audit/testing/chains'
import { recordChain } from '@/lib/audit/testing/recorded'
import { memberWith } from '@/lib/audit/testing/records'
import { verifyExport } from '@/lib/audit/verify/export-file'
import type { Actor } from '@/lib/auth/model'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { GET } from './route'

const signedIn = vi.hoisted(() => ({ actor: null as Actor | null }))
vi.mock('@/lib/auth/current-user', () => ({ signedInActor: async () => signedIn.actor }))

const made = chainOf(60)
let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
  await recordChain(db.proxyUrl, made)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})
beforeEach(() => {
  signedIn.actor = memberWith('auditor')
})

const get = (query: string) => GET(new Request(`http://localhost/api/record/export?${query}`))

test('everything, as a file that verifies', async () => {
  const response = await get('range=all')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="intercept-record-.*\.ndjson"$/)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const text = await response.text()
  async function* lines() {
    yield* text.split('\n')
  }
  const report = await verifyExport(lines(), { outside: made.checkpoints, keys: [made.key.publicKey] })
  expect(report).toMatchObject({ isIntact: true, records: 120 })
})

test('the filter of the page narrows it', async () => {
  const text = await (await get('range=all&format=csv&tool=absent')).text()
  expect(text.split('\r\n')).toHaveLength(2)
  const [head = ''] = (await (await get('range=all&tool=absent&proof=1')).text()).split('\n')
  expect(JSON.parse(head)).toMatchObject({ proof: true, filter: [{ field: 'tool' }] })
})

test('without a range it is the last day', async () => {
  const text = await (await get('')).text()
  const { whole, since, until } = JSON.parse(text.split('\n')[0] ?? '')
  expect([whole, Date.parse(until) - Date.parse(since)]).toEqual([false, 25 * 3_600_000])
})

test.each<[string, Actor | null, string, number]>([
  ['nobody', null, '', 401],
  ['a viewer', memberWith('viewer', 'editor', 'approver', 'admin'), '', 403],
  ['an unreadable filter', memberWith('auditor'), 'effect=maybe', 400],
])('%s gets no record', async (_, actor, query, status) => {
  signedIn.actor = actor
  const response = await get(query)
  expect(response.status).toBe(status)
  expect(await response.text()).not.toContain(made.chain)
})

test('a browser that goes away leaves no connection behind', async () => {
  for (let i = 0; i < 4; i++) await (await get('range=all')).body?.cancel()
  expect(db.database.pool.totalCount - db.database.pool.idleCount).toBe(0)
})
