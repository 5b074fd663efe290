import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { resetMember } from './commands'
import { createFirstOwnerLink, isLinkLive } from './links'
import { commandLineActor } from './model'
import { Refusal } from './refusal'
import { readSession } from './sessions'
import { resetPassword, setUpFirstOwner } from './set-up'
import { signIn } from './sign-in'

let base: TestDatabase
const browser = { source: '192.0.2.7', userAgent: 'test' }
const cli = commandLineActor('ada', 'host')
const ada = { name: 'Ada', email: 'Ada@Example.com', password: 'tea at nine past four' }
const tokenOf = (link: string | null) => new URL(link ?? '').searchParams.get('token') ?? ''

beforeAll(async () => {
  base = await testDatabase()
  replaceDatabase(base.database)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await base.close()
})
beforeEach(async () => {
  for (const table of ['sessions', 'members', 'one_time_links', 'attempts'])
    await base.database.sql.query(`DELETE FROM ${table}`)
})

const setUp = async () => {
  const token = tokenOf(await createFirstOwnerLink())
  return { token, sessionId: await setUpFirstOwner({ ...ada, token }, browser) }
}

const addOwner = async () => {
  const id = uuidv7()
  // After the first answer of the database to whoever runs beside it.
  await new Promise(resolve => setTimeout(resolve, 60))
  await base.database.prisma.member.create({
    data: { id, email: 'o@example.com', name: 'O', passwordHash: '', roles: ['owner'] },
  })
}

test('the set-up link carries 256 bits, of which the database keeps only the hash', async () => {
  const token = tokenOf(await createFirstOwnerLink())
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  const rows = await base.database.sql.query<{ row: string; lifetime: number }>(
    `SELECT l::text AS row, extract(epoch FROM expires_at - created_at)::int AS lifetime FROM one_time_links l`,
  )
  expect(rows).toHaveLength(1)
  expect(rows[0]?.row).not.toContain(token)
  expect(rows[0]?.row).not.toContain(Buffer.from(token, 'base64url').toString('hex'))
  expect(rows[0]?.lifetime).toBeGreaterThan(3_590)
  expect(rows[0]?.lifetime).toBeLessThanOrEqual(3_601)
})

test('the link makes the owner, signs them in, and says so in the change record', async () => {
  const { sessionId } = await setUp()
  expect(await readSession(sessionId)).toMatchObject({ name: 'Ada', email: 'ada@example.com', roles: ['owner'] })
  const changes = await base.database.prisma.change.findMany({ where: { action: 'member.add' } })
  expect(changes).toMatchObject([{ actor: 'Ada', label: 'ada@example.com', source: '192.0.2.7' }])
  expect(JSON.stringify(changes)).not.toContain('scrypt')
})

test('two posts of one link at once make one owner', async () => {
  const token = tokenOf(await createFirstOwnerLink())
  const people = ['ada', 'eve', 'bob'].map(name => ({ ...ada, name, email: `${name}@example.com`, token }))
  const results = await Promise.allSettled(people.map(person => setUpFirstOwner(person, browser)))
  expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
  expect(await base.database.prisma.member.count()).toBe(1)
  expect(await base.database.prisma.session.count()).toBe(1)
})

test('looking at the page uses nothing up; a post that is refused for a weak password neither', async () => {
  const token = tokenOf(await createFirstOwnerLink())
  expect(await isLinkLive('first_owner', token)).toBe(true)
  await expect(setUpFirstOwner({ ...ada, token, password: 'too short' }, browser)).rejects.toMatchObject({
    kind: 'invalid',
    issues: [{ path: 'password' }],
  })
  await setUpFirstOwner({ ...ada, token }, browser)
  expect(await isLinkLive('first_owner', token)).toBe(false)
})

test('a new link voids the one before, an hour voids it too, and a guess never held', async () => {
  const first = tokenOf(await createFirstOwnerLink())
  const second = tokenOf(await createFirstOwnerLink())
  const guess = Buffer.alloc(32, 7).toString('base64url')
  for (const token of [first, guess, '', "' OR 1=1"]) {
    expect(await isLinkLive('first_owner', token)).toBe(false)
    await expect(setUpFirstOwner({ ...ada, token }, browser)).rejects.toThrow(Refusal)
  }
  await base.database.sql.query(`UPDATE one_time_links SET expires_at = now() - interval '1 second'`)
  await expect(setUpFirstOwner({ ...ada, token: second }, browser)).rejects.toThrow('expired')
  expect(await base.database.prisma.member.count()).toBe(0)
})

test('once an owner exists, enabled or not, no set-up link is made and one made before is void', async () => {
  const left = tokenOf(await createFirstOwnerLink())
  await addOwner()
  for (const disabledAt of [null, new Date()]) {
    await base.database.prisma.member.updateMany({ data: { disabledAt } })
    expect(await createFirstOwnerLink()).toBeNull()
    expect(await isLinkLive('first_owner', left)).toBe(false)
    await expect(setUpFirstOwner({ ...ada, token: left }, browser)).rejects.toThrow('an owner exists')
  }
})

test('an owner who appears while the form is being answered voids it too', async () => {
  const token = tokenOf(await createFirstOwnerLink())
  // Hashing takes some hundred milliseconds: the other owner is there before it ends.
  const [answer] = await Promise.allSettled([setUpFirstOwner({ ...ada, token }, browser), addOwner()])
  expect(answer).toMatchObject({ status: 'rejected', reason: { kind: 'conflict' } })
  expect(await base.database.prisma.member.count()).toBe(1)
})

test('a reset link sets the password once, ends every session and is no set-up link', async () => {
  const { sessionId } = await setUp()
  const older = tokenOf((await resetMember(cli, { email: 'ADA@example.com' })).link)
  const { link } = await resetMember(cli, { email: 'ada@example.com' })
  expect(link).toContain('/reset?token=')
  const token = tokenOf(link)
  await expect(resetPassword({ token: older, password: 'six new words in a row' }, browser)).rejects.toThrow(Refusal)
  const fresh = await resetPassword({ token, password: 'six new words in a row' }, browser)
  expect(await readSession(sessionId)).toBeNull()
  expect(await readSession(fresh)).toMatchObject({ email: 'ada@example.com' })
  await expect(resetPassword({ token, password: 'six more words in a row' }, browser)).rejects.toThrow(Refusal)
  expect(await signIn({ email: ada.email, password: ada.password }, browser)).toMatchObject({ signedIn: false })
  expect(await signIn({ email: ada.email, password: 'six new words in a row' }, browser)).toMatchObject({
    signedIn: true,
  })
  const actions = await base.database.prisma.change.findMany({ select: { action: true, actorKind: true } })
  expect(actions).toEqual(
    expect.arrayContaining([
      { action: 'member.reset', actorKind: 'cli' },
      { action: 'member.password', actorKind: 'member' },
    ]),
  )
})
