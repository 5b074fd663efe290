import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor, Role } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { requestEarlyAccess, sendMessage } from './commands'
import { readEarlyAccess, readMessages } from './queries'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

const member = (...roles: Role[]): Actor => ({ kind: 'member', id: 'm', name: 'm', roles, source: '' })
const owner = member('owner')
const asked = { email: 'ada@example.org', company: 'Example', stack: 'two servers', note: '' }
const written = { name: 'Ada', email: 'ada@example.org', message: 'Does it run on ARM?' }

async function refusalOf(run: Promise<unknown>): Promise<Refusal> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Refusal) return error
  throw new Error('was not refused', { cause: error })
}

describe('the early-access queue', () => {
  test('keeps what was sent, with the address in lower case', async () => {
    await requestEarlyAccess('192.0.2.1', { ...asked, email: ' Grace@Example.ORG ', note: 'one\r\ntwo\u0000' })
    const { rows } = await readEarlyAccess(owner)
    expect(rows).toMatchObject([
      { email: 'grace@example.org', company: 'Example', stack: 'two servers', note: 'one\ntwo' },
    ])
  })

  test('takes a second request of an address without a second row and without changing the first', async () => {
    await Promise.all([1, 2, 3].map(() => requestEarlyAccess('192.0.2.2', asked)))
    await requestEarlyAccess('192.0.2.2', { ...asked, email: 'ADA@example.org', company: 'Somebody else' })
    const rows = (await readEarlyAccess(owner)).rows.filter(row => row.email === asked.email)
    expect(rows.map(row => row.company)).toEqual(['Example'])
  })

  test.each([
    ['email', { ...asked, email: '' }, 'e-mail'],
    ['email', { ...asked, email: 'ada@' }, 'in full'],
    ['company', { ...asked, company: '  ' }, 'company'],
    ['stack', { ...asked, stack: '' }, 'what you run'],
    ['stack', { ...asked, stack: 'x'.repeat(501) }, '500'],
    ['note', { ...asked, note: 'x'.repeat(2_001) }, '2,000'],
  ])('refuses a wrong %s beside the field', async (field, input, words) => {
    const refusal = await refusalOf(requestEarlyAccess('192.0.2.3', input))
    expect(refusal.kind).toBe('invalid')
    expect(refusal.issues.map(issue => issue.path)).toEqual([field])
    expect(refusal.issues[0]?.message).toContain(words)
  })

  test('answers whoever fills the hidden field like anyone, and keeps nothing', async () => {
    await requestEarlyAccess('192.0.2.4', { ...asked, email: 'robot@example.org', fax: '555' })
    const { rows } = await readEarlyAccess(owner)
    expect(rows.filter(row => row.email === 'robot@example.org')).toEqual([])
  })

  test('of twelve forms at once from one source takes ten, and other sources go on', async () => {
    const sent = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => requestEarlyAccess('192.0.2.5', { ...asked, email: `${n}@example.net` })),
    )
    const refused = sent.filter(result => result.status === 'rejected')
    expect(refused).toHaveLength(2)
    for (const { reason } of refused) expect(reason.message).toMatch(/again in \d+ min/)
    await requestEarlyAccess('192.0.2.6', { ...asked, email: 'other@example.net' })
  })

  test('what is invalid does not use up the limit', async () => {
    for (let n = 0; n < 11; n += 1) await refusalOf(requestEarlyAccess('192.0.2.7', { ...asked, email: '' }))
    await requestEarlyAccess('192.0.2.7', { ...asked, email: 'late@example.net' })
  })

  test('is paged, newest first, and every row comes once', async () => {
    for (let n = 0; n < 55; n += 1) {
      await requestEarlyAccess(`198.51.100.${n}`, { ...asked, email: `page${n}@example.com` })
    }
    const first = await readEarlyAccess(owner)
    expect(first.rows).toHaveLength(50)
    expect(first.rows[0]?.email).toBe('page54@example.com')
    const second = await readEarlyAccess(owner, { before: first.next })
    const emails = [...first.rows, ...second.rows].map(row => row.email)
    expect(new Set(emails).size).toBe(emails.length)
    expect(emails).toContain('grace@example.org')
    expect(second.next).toBeNull()
  })
})

describe('get in touch', () => {
  test('keeps a message with its line breaks, as often as it is sent', async () => {
    await sendMessage('192.0.2.1', { ...written, message: 'one\n\ntwo' })
    await sendMessage('192.0.2.1', { ...written, message: 'one\n\ntwo' })
    expect((await readMessages(owner)).rows.map(row => row.message)).toEqual(['one\n\ntwo', 'one\n\ntwo'])
  })

  test('refuses an empty message beside the field', async () => {
    const refusal = await refusalOf(sendMessage('192.0.2.1', { ...written, message: '\u0000 ' }))
    expect(refusal.issues).toMatchObject([{ path: 'message' }])
  })
})

test.each(['viewer', 'editor', 'approver', 'auditor', 'admin'] as const)('a %s reads neither queue', async role => {
  expect((await refusalOf(readEarlyAccess(member(role)))).kind).toBe('forbidden')
  expect((await refusalOf(readMessages(member(role)))).kind).toBe('forbidden')
})
