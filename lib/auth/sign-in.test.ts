import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { countAttempt } from './attempts'
import { disableMember, enableMember } from './commands'
import { commandLineActor, type Role } from './model'
import { hashPassword } from './password'
import { endSession, noteUse, readSession, type SignedInMember, startSession } from './sessions'
import { signIn } from './sign-in'

let base: TestDatabase
let passwordHash: string
const cli = commandLineActor('ada', 'host')
const right = 'tea at nine past four'
const from = (source: string) => ({ source, userAgent: 'test' })

beforeAll(async () => {
  base = await testDatabase()
  replaceDatabase(base.database)
  passwordHash = await hashPassword(right, { ln: 10, r: 8, p: 1 })
})
afterAll(async () => {
  replaceDatabase(undefined)
  await base.close()
})
beforeEach(async () => {
  // Windows are whole quarters of an hour: a test that counts must not straddle two.
  const left = 900_000 - (Date.now() % 900_000)
  if (left < 12_000) await new Promise(resolve => setTimeout(resolve, left + 100))
  for (const table of ['sessions', 'members', 'attempts']) await base.database.sql.query(`DELETE FROM ${table}`)
  await addMember('ada@example.com', ['owner'])
})

async function addMember(email: string, roles: Role[], hash = passwordHash): Promise<string> {
  const id = uuidv7()
  await base.database.prisma.member.create({ data: { id, email, name: email, roles, passwordHash: hash } })
  return id
}

async function signedIn(email = 'ada@example.com'): Promise<string> {
  const answer = await signIn({ email, password: right }, from('192.0.2.1'))
  if (!answer.signedIn) throw new Error(answer.message)
  return answer.sessionId
}

test('an unknown account, a disabled one and a wrong password get one answer', async () => {
  await addMember('gone@example.com', ['viewer'])
  await disableMember(cli, { email: 'gone@example.com' })
  const answers = [
    await signIn({ email: 'ada@example.com', password: 'wrong password here' }, from('192.0.2.1')),
    await signIn({ email: 'nobody@example.com', password: right }, from('192.0.2.1')),
    await signIn({ email: 'gone@example.com', password: right }, from('192.0.2.1')),
  ]
  expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({ signedIn: false })
})

test('an unknown account takes as long as a known one', async () => {
  await addMember('slow@example.com', ['viewer'], await hashPassword(right))
  const time = async (email: string) => {
    const start = performance.now()
    await signIn({ email, password: 'wrong password here' }, from('192.0.2.9'))
    return performance.now() - start
  }
  await time('warm@example.com')
  const [known, unknown] = [await time('slow@example.com'), await time('nobody@example.com')]
  expect(unknown).toBeGreaterThan(known / 3)
  expect(unknown).toBeLessThan(known * 3)
})

test('five failures of one account close it for the window from anywhere, known or not, the right password included', async () => {
  for (const email of ['ada@example.com', 'nobody@example.com']) {
    for (let i = 0; i < 5; i++)
      expect(await signIn({ email, password: 'wrong password here' }, from(`192.0.2.${i}`))).toMatchObject({
        message: expect.stringContaining('do not belong together'),
      })
    expect(await signIn({ email, password: right }, from('198.51.100.1'))).toMatchObject({
      signedIn: false,
      message: expect.stringMatching(/^Too many attempts\. Try again in \d+ minutes?\.$/),
    })
  }
})

test('twenty failures of one source close it, other sources go on', async () => {
  await base.database.prisma.member.updateMany({ data: { passwordHash: 'cheap to refuse' } })
  for (let i = 0; i < 20; i++) await addMember(`m${i}@example.com`, ['viewer'], 'cheap to refuse')
  for (let i = 0; i < 20; i++)
    await signIn({ email: `m${i}@example.com`, password: 'wrong password here' }, from('192.0.2.1'))
  const closed = await signIn({ email: 'ada@example.com', password: 'wrong password here' }, from('192.0.2.1'))
  expect(closed).toMatchObject({ message: expect.stringContaining('Too many attempts') })
  const open = await signIn({ email: 'ada@example.com', password: 'wrong password here' }, from('192.0.2.2'))
  expect(open).toMatchObject({ message: expect.stringContaining('do not belong together') })
})

test('signing in forgets the failures before it, and whoever signs in often is not shut out', async () => {
  for (let i = 0; i < 4; i++) await signIn({ email: 'ada@example.com', password: 'wrong one here' }, from('192.0.2.1'))
  for (let i = 0; i < 25; i++) expect(await signedIn()).toBeTruthy()
})

test('of ten attempts at once under a limit of five, five pass', async () => {
  const limit = { purpose: 'test', subject: 'x', max: 5, windowSeconds: 900 }
  const verdicts = await Promise.all(Array.from({ length: 10 }, () => countAttempt(base.database.sql, limit)))
  expect(verdicts.filter(verdict => verdict.allowed)).toHaveLength(5)
})

test('what was typed as an address is kept only as a hash', async () => {
  await signIn({ email: 'my-secret-passphrase@example.com', password: 'x' }, from('192.0.2.1'))
  const rows = await base.database.sql.query<{ subject: string }>('SELECT subject FROM attempts')
  expect(rows.length).toBeGreaterThan(1)
  expect(JSON.stringify(rows)).not.toContain('passphrase')
})

test('attempts of windows long past are cleared away', async () => {
  await base.database.sql.query(
    `INSERT INTO attempts VALUES ('sign-in.source', 'old', now() - interval '2 days', 3), ('other', 'old', now() - interval '2 days', 3)`,
  )
  await signedIn()
  const left = await base.database.sql.query<{ purpose: string }>(`SELECT purpose FROM attempts WHERE subject = 'old'`)
  expect(left).toEqual([{ purpose: 'other' }])
})

test('a disabled member is out at the next request, and back only by a new sign-in', async () => {
  await addMember('bob@example.com', ['viewer'])
  const sessionId = await signedIn('bob@example.com')
  expect(await readSession(sessionId)).toMatchObject({ email: 'bob@example.com' })
  await disableMember(cli, { email: 'bob@example.com' })
  expect(await readSession(sessionId)).toBeNull()
  await enableMember(cli, { email: 'bob@example.com' })
  expect(await readSession(sessionId)).toBeNull()
  expect(await readSession(await signedIn('bob@example.com'))).not.toBeNull()
})

test('a member whom another hand disabled in the database is out as well', async () => {
  const sessionId = await signedIn()
  await base.database.prisma.member.updateMany({ data: { disabledAt: new Date() } })
  expect(await readSession(sessionId)).toBeNull()
})

test('a role taken away is gone at the next request', async () => {
  const sessionId = await signedIn()
  await base.database.prisma.member.updateMany({ data: { roles: ['viewer'] } })
  expect(await readSession(sessionId)).toMatchObject({ roles: ['viewer'] })
})

test.each([
  ['signed out', (id: string) => endSession(id)],
  ['idle for 12 hours', (id: string) => change(id, `last_seen_at = now() - interval '12 hours 1 second'`)],
  ['a week old', (id: string) => change(id, `expires_at = now() - interval '1 second'`)],
])('a session that is %s is over', async (_what, end) => {
  const sessionId = await signedIn()
  expect(await readSession(sessionId)).not.toBeNull()
  await end(sessionId)
  expect(await readSession(sessionId)).toBeNull()
})

test('a session lasts seven days at the most, and using it is written once a minute; a page that asks by itself does not count', async () => {
  const id = await signedIn()
  const read = async () => (await base.database.prisma.session.findUniqueOrThrow({ where: { id } })) as Seen
  const begun = await read()
  expect(begun.expiresAt.getTime() - begun.createdAt.getTime()).toBeCloseTo(7 * 86_400_000, -3)
  const use = async () => noteUse((await readSession(id)) as SignedInMember)
  await use()
  expect((await read()).lastSeenAt).toEqual(begun.lastSeenAt)
  await change(id, `last_seen_at = now() - interval '61 seconds'`)
  const unused = (await read()).lastSeenAt
  await readSession(id)
  expect((await read()).lastSeenAt).toEqual(unused)
  await use()
  expect(Date.now() - (await read()).lastSeenAt.getTime()).toBeLessThan(10_000)
})

test.each(['', 'x', "' OR 1=1 --", uuidv7()])('no session answers to %j', async id => {
  expect(await readSession(id)).toBeNull()
})

test('the last owner who is enabled cannot be disabled, also not by two at once', async () => {
  await addMember('eve@example.com', ['owner'])
  const results = await Promise.allSettled([
    disableMember(cli, { email: 'ada@example.com' }),
    disableMember(cli, { email: 'eve@example.com' }),
  ])
  expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
  expect(await base.database.prisma.member.count({ where: { disabledAt: null } })).toBe(1)
})

test('sessions are cleared away a month after their end', async () => {
  const id = await startSession(base.database.sql, await addMember('bob@example.com', ['viewer']), from('192.0.2.1'))
  await change(id, `expires_at = now() - interval '31 days'`)
  await signedIn('bob@example.com')
  expect(await base.database.prisma.session.findUnique({ where: { id } })).toBeNull()
})

interface Seen {
  createdAt: Date
  expiresAt: Date
  lastSeenAt: Date
}

async function change(id: string, assignment: string): Promise<void> {
  await base.database.sql.query(`UPDATE sessions SET ${assignment} WHERE id = $1::uuid`, [id])
}
