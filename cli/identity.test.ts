import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { main } from './main'
import { readMoment } from './moment'

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
  await base.database.prisma.server.create({
    data: { id: uuidv7(), slug: 'mistral', title: 'Mistral', transport: 'stdio', command: ['mistral-mcp'] },
  })
})
afterAll(() => base.close())
beforeEach(async () => {
  vi.stubEnv('CONSOLE_DATABASE_URL', base.consoleUrl)
  vi.stubEnv('CONSOLE_URL', 'https://intercept.example.com')
  for (const table of ['grants', 'keys', 'identities', 'members']) await base.database.sql.query(`DELETE FROM ${table}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

interface Run {
  code: number
  out: string
  err: string
}

/** Runs one command as the launcher of the command line would. */
async function intercept(...words: string[]): Promise<Run> {
  const printed = { out: '', err: '' }
  const catchInto = (name: 'out' | 'err') => (text: unknown) => {
    printed[name] += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(catchInto('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(catchInto('err'))
  try {
    return { code: await main(words), ...printed }
  } finally {
    vi.restoreAllMocks()
  }
}

async function json(...words: string[]): Promise<unknown> {
  const { code, out, err } = await intercept(...words, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

test('an identity, its grant and its key without a browser, all in the change record as this OS user', async () => {
  expect(await json('identity', 'add', 'ci', '--kind', 'service', '--label', 'team=ops', 'eu=')).toMatchObject({
    name: 'ci',
  })
  const { id } = (await json('grant', 'add', 'ci', '--server', 'mistral', '--tools', 'a_*', 'b', '--until', '8h')) as {
    id: string
  }
  const { key, prefix } = (await json('key', 'issue', 'ci')) as { key: string; prefix: string }
  expect(await json('identity', 'list')).toMatchObject([
    { name: 'ci', kind: 'service', labels: { team: 'ops', eu: '' }, liveKeys: 1, liveGrants: 1 },
  ])
  expect(await json('grant', 'list', '--identity', 'ci')).toMatchObject([{ id, tools: ['a_*', 'b'], state: 'live' }])
  expect(await json('key', 'revoke', key)).toEqual({ prefix, identity: 'ci' })
  expect(await json('grant', 'revoke', id)).toEqual({ identity: 'ci', server: 'mistral' })
  expect(await json('grant', 'list', '--identity', 'ci')).toEqual([])
  expect(await json('grant', 'list', '--ended')).toMatchObject([{ id, state: 'revoked' }])
  expect(await json('key', 'list', 'ci')).toMatchObject([{ prefix, state: 'revoked' }])
  const changes = await base.database.prisma.change.findMany({ orderBy: { id: 'asc' } })
  expect(changes.map(change => change.action)).toEqual([
    'identity.add',
    'grant.add',
    'key.issue',
    'key.revoke',
    'grant.revoke',
  ])
  expect(changes.every(change => change.actorKind === 'cli' && /^.+@.+$/.test(change.actor))).toBe(true)
})

test('a key stands alone on standard output, so that a script can take it as it is', async () => {
  await intercept('identity', 'add', 'ci')
  const { code, out, err } = await intercept('key', 'issue', 'ci', '--until', '30d')
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^ik_[a-z0-9]{8}_[A-Za-z0-9_-]{43}\n$/)
})

const refusals: [words: string[], code: number, says: RegExp][] = [
  [['key', 'issue', 'nobody'], 1, /no identity named "nobody"/],
  [['key', 'revoke', 'ik_00000000'], 1, /no such key/],
  [['grant', 'add', 'ci', '--server', 'nowhere', '--tools', '*'], 1, /no server "nowhere"/],
  [['user', 'reset', 'nobody@example.com'], 1, /nobody@example\.com/],
  [['identity', 'add', 'not a name'], 2, /letters, digits/],
  [['identity', 'add', 'x', '--kind', 'robot'], 2, /agent, service or person/],
  [['identity', 'add', 'x', '--label', 'team'], 2, /NAME=VALUE/],
  [['grant', 'add', 'ci', '--server', 'mistral', '--tools', ' '], 2, /blank/],
  [['grant', 'add', 'ci', '--server', 'mistral', '--tools', '*', '--until', 'soon'], 2, /"soon" is no time/],
  [['grant', 'add', 'ci', '--server', 'mistral', '--tools', '*', '--until', '2020-01-01'], 2, /future/],
  [['grant', 'add', 'ci', '--tools', '*'], 2, /--server/],
  [['grant', 'revoke', 'x'], 2, /not the id of a grant/],
  [['key', 'revoke', 'my-other-password'], 2, /^(?!.*my-other-password)/s],
  [['user', 'add', 'a@example.com', '--name', 'A', '--role', 'king'], 2, /viewer, editor/],
]
test.each(refusals)('%j ends with %i and says why on standard error', async (words, code, says) => {
  await intercept('identity', 'add', 'ci')
  const run = await intercept(...words)
  expect(run.code).toBe(code)
  expect(run.out).toBe('')
  expect(run.err).toMatch(says)
})

test('a member gets a one-time link, and a disabled one is listed so', async () => {
  const { link } = (await json('user', 'add', 'Bob@Example.com', '--name', 'Bob', '--role', 'viewer', 'auditor')) as {
    link: string
  }
  expect(link).toMatch(/^https:\/\/intercept\.example\.com\/reset\?token=[A-Za-z0-9_-]{43}$/)
  expect((await intercept('user', 'reset', 'bob@example.com')).out).toMatch(/^https:\S+\n$/)
  expect((await intercept('user', 'disable', 'bob@example.com')).code).toBe(0)
  expect(await json('user', 'list')).toMatchObject([
    { email: 'bob@example.com', roles: ['viewer', 'auditor'], disabledAt: expect.any(String) },
  ])
  expect((await intercept('user', 'list')).out).not.toContain('scrypt')
})

const now = Date.parse('2026-11-22T12:00:00Z')
test.each([
  ['90m', '2026-11-22T13:30:00.000Z'],
  ['8h', '2026-11-22T20:00:00.000Z'],
  ['30d', '2026-12-22T12:00:00.000Z'],
  ['2w', '2026-12-06T12:00:00.000Z'],
  ['2026-12-31', '2027-01-01T00:00:00.000Z'],
  ['2026-12-31T18:00:00+01:00', '2026-12-31T17:00:00.000Z'],
])('%s is %s', (text, moment) => {
  expect(readMoment(text, now).toISOString()).toBe(moment)
})

test.each(['', 'tomorrow', '8', '-8h', '2026-13-01', '2026-02-30', '2026-12-31T18:00', '999999d'])(
  '%j is no time',
  text => {
    expect(() => readMoment(text, now)).toThrow(/is no time/)
  },
)
