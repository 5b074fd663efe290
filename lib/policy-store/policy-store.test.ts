import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Actor, seedActor } from '@/lib/auth/model'
import { addServer, removeServer } from '@/lib/catalogue/commands'
import { seeDefinitions } from '@/lib/catalogue/store'
import { replaceDatabase } from '@/lib/db/current'
import { sqlOver } from '@/lib/db/sql'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { compile, parse } from '@/lib/policy'
import { createPolicy, discardDraft, publishFor, publishPolicy, saveDraft } from './commands'
import { readPolicies, readPolicy, readRevision } from './queries'
import { readBundle, readEnforcementVersion } from './store'

const editorNamed = (name: string): Actor => ({ kind: 'member', id: null, name, roles: ['editor'], source: '' })
const ada = editorNamed('Ada')
const bo = editorNamed('Bo')
const rule = (max: number) => `version: "1"
default: deny
tools:
  get_a:
    rules:
      - { name: few, action: allow, rate_limit: { max: ${max}, window: minute, per: identity } }
`

let db: TestDatabase
let owner: pg.Client
beforeAll(async () => {
  process.env.INTERCEPT_SECRET = 'a secret of at least thirty-two characters'
  db = await testDatabase()
  replaceDatabase(db.database)
  owner = new pg.Client({ connectionString: db.ownerUrl })
  await owner.connect()
})
beforeEach(async () => {
  await owner.query('TRUNCATE servers, policies, revisions, changes CASCADE')
  for (const slug of ['one', 'two']) await addServer(seedActor, { slug, transport: 'stdio', command: ['x'] })
})
afterAll(async () => {
  replaceDatabase(undefined)
  await owner.end()
  await db.close()
})

const newestChange = () => db.database.prisma.change.findFirst({ orderBy: { id: 'desc' } })
const bundle = () => readBundle(db.database.sql)

test('a policy is drafted, saved and published, and proxies get it', async () => {
  expect(await bundle()).toBeNull()
  const { policyId, name, version } = await createPolicy(ada, { server: 'one', text: rule(1) })
  expect(name).toBe('one.yaml')
  expect(await bundle()).toBeNull()
  const saved = await saveDraft(ada, { policyId, text: rule(2), version })
  const before = await readEnforcementVersion(db.database.sql)
  const { revision } = await publishPolicy(ada, {
    policyId,
    text: rule(2),
    note: 'First',
    base: 0,
    version: saved.version,
  })
  expect(revision).toBe(1)
  expect(await readEnforcementVersion(db.database.sql)).toBeGreaterThan(before)

  const view = await readPolicy(ada, name)
  expect(view).toMatchObject({ text: rule(2), draft: null, revision: { number: 1, note: 'First', publishedBy: 'Ada' } })
  const { document } = parse(rule(2))
  const digest = document && compile(document, { name: 'one' }).digest
  expect(await bundle()).toEqual({
    number: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    policies: [{ name, server: 'one', revision: 1, digest, document }],
  })
  expect(await newestChange()).toMatchObject({
    action: 'policy.publish',
    label: name,
    before: null,
    after: { revision: 1, digest, note: 'First', lines: { added: 7, removed: 0 } },
  })
  await publishPolicy(ada, { policyId, text: rule(3), base: 1 })
  expect(await newestChange()).toMatchObject({
    before: { revision: 1 },
    after: { revision: 2, lines: { added: 1, removed: 1 } },
  })
  expect(await readRevision(ada, 2)).toMatchObject({ text: rule(3), previous: { number: 1, text: rule(2) } })
})

test("the proxy's role reads bundle and version, and no draft", async () => {
  await publishFor(ada, { server: 'one', text: rule(1) })
  const pool = new pg.Pool({ connectionString: db.proxyUrl })
  const sql = sqlOver(pool)
  expect(await readBundle(sql)).toEqual(await bundle())
  expect(await readEnforcementVersion(sql)).toBeGreaterThan(0)
  await expect(sql.query('SELECT draft FROM policies')).rejects.toThrow(/permission denied/)
  await pool.end()
})

test('equal content has an equal digest, wherever and whenever it is published', async () => {
  const first = await publishFor(ada, { server: 'one', text: rule(1) })
  const bundleDigest = (await bundle())?.digest
  const other = await publishFor(ada, { server: 'one', text: rule(2) })
  // A comment and the order of keys are not content.
  const again = await publishFor(ada, { server: 'one', text: `# few calls\n${rule(1)}` })
  expect(again.digest).toBe(first.digest)
  expect(other.digest).not.toBe(first.digest)
  expect((await bundle())?.digest).toBe(bundleDigest)
})

test('a bundle holds the newest revision of every policy', async () => {
  await publishFor(ada, { server: 'one', text: rule(1) })
  await publishFor(ada, { server: 'two', text: rule(2) })
  await publishFor(ada, { server: null, text: 'version: "1"\ndefault: allow\n' })
  await publishFor(ada, { server: 'one', text: rule(3) })
  const policies = (await bundle())?.policies.map(({ name, server, revision }) => [name, server, revision])
  expect(policies).toEqual([
    ['every-server.yaml', null, 3],
    ['one.yaml', 'one', 4],
    ['two.yaml', 'two', 2],
  ])
  const document = (await bundle())?.policies.find(policy => policy.server === 'two')?.document
  expect(document).toEqual(parse(rule(2)).document)
})

test('who publishes at once gets numbers without a gap, and the last bundle holds both', async () => {
  await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      publishFor(ada, { server: index % 2 ? 'one' : 'two', text: rule(index + 1) }),
    ),
  )
  const numbers = (await db.database.prisma.revision.findMany({ orderBy: { number: 'asc' } })).map(each =>
    Number(each.number),
  )
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6])
  const last = await bundle()
  expect(last?.policies.map(policy => policy.server)).toEqual(['one', 'two'])
  expect(Math.max(...(last?.policies.map(policy => policy.revision) ?? []))).toBe(6)
})

test('of two who publish over the same revision, the second is told who was first', async () => {
  const { policyId } = await publishFor(ada, { server: 'one', text: rule(1) })
  const outcomes = await Promise.allSettled([
    publishPolicy(ada, { policyId, text: rule(2), base: 1 }),
    publishPolicy(bo, { policyId, text: rule(3), base: 1 }),
  ])
  const refused = outcomes.filter(outcome => outcome.status === 'rejected')
  expect(refused).toHaveLength(1)
  const winner = outcomes[0]?.status === 'fulfilled' ? 'Ada' : 'Bo'
  expect(refused[0]?.reason).toMatchObject({
    kind: 'conflict',
    message: expect.stringMatching(`^${winner} published r2 of one.yaml at .*, after this text was opened at r1`),
  })
  expect(await db.database.prisma.revision.count()).toBe(2)
})

test('a stale draft does not overwrite another', async () => {
  const { policyId, name, version } = await createPolicy(ada, { server: 'one', text: rule(1) })
  await saveDraft(bo, { policyId, text: rule(2), version })
  await expect(saveDraft(ada, { policyId, text: rule(3), version })).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining('Bo saved'),
  })
  await expect(publishPolicy(ada, { policyId, text: rule(3), version })).rejects.toMatchObject({ kind: 'conflict' })
  expect((await readPolicy(ada, name)).draft?.text).toBe(rule(2))
})

test('a draft remembers the revision it started from, and a file published meanwhile leaves it alone', async () => {
  const { policyId, name } = await publishFor(ada, { server: 'one', text: rule(1) })
  const { draftVersion } = await readPolicy(ada, name)
  await saveDraft(ada, { policyId, text: rule(2), version: draftVersion })
  await publishFor(bo, { server: 'one', text: rule(3) })
  const view = await readPolicy(ada, name)
  expect(view.draft).toMatchObject({ text: rule(2), base: 1, savedBy: 'Ada' })
  const publishing = publishPolicy(ada, { policyId, text: rule(2), base: view.draft?.base ?? 0 })
  await expect(publishing).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining('Bo published r2'),
  })
  await discardDraft(ada, { policyId })
  expect((await readPolicy(ada, name)).draft).toBeNull()
  await expect(discardDraft(ada, { policyId })).rejects.toMatchObject({ kind: 'conflict' })
})

test('errors refuse with line and column and store nothing; a draft with errors is saved', async () => {
  const broken = rule(1).replace('action: allow', 'acton: allow')
  await expect(publishFor(ada, { server: 'one', text: broken })).rejects.toMatchObject({
    kind: 'invalid',
    issues: [{ path: 'text', message: expect.stringMatching(/^Line 6, column \d+: .*acton/) }],
  })
  expect(await db.database.prisma.policy.count()).toBe(0)
  const { policyId, version } = await createPolicy(ada, { server: 'one' })
  const saved = await saveDraft(ada, { policyId, text: broken, version })
  expect(saved.diagnostics.some(diagnostic => diagnostic.severity === 'error')).toBe(true)
})

test('warnings publish, with or without version and default', async () => {
  const text = 'tools:\n  get_a:\n    rules:\n      - { action: allow, rate_limit: { max: 2, window: 60 } }\n'
  const { diagnostics, revision } = await publishFor(ada, { server: 'one', text })
  expect(revision).toBe(1)
  expect(diagnostics.map(diagnostic => diagnostic.severity)).toContain('warning')
})

test('a failing test of the document blocks publishing, judged with the definitions that were seen', async () => {
  const { id } = await db.database.prisma.server.findUniqueOrThrow({ where: { slug: 'one' } })
  const inputSchema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }
  await seeDefinitions(db.database.sql, id, [{ name: 'get_a', inputSchema }])
  const text = (args: string) => `version: "1"
default: deny
tools:
  get_a:
    rules: [{ name: whole, action: allow, validate: { required_args: true } }]
tests:
  - { name: a whole call passes, call: get_a, args: ${args}, expect: allow }
`
  await expect(publishFor(ada, { server: 'one', text: text('{}') })).rejects.toMatchObject({
    kind: 'invalid',
    issues: [{ path: 'text', message: expect.stringMatching(/^Line 7, .*"a whole call passes" fails/) }],
  })
  expect(await publishFor(ada, { server: 'one', text: text('{ id: x }') })).toMatchObject({ revision: 1 })
})

test('a removed server keeps its revisions and leaves the next bundle; a new one of its slug takes what is in force', async () => {
  await publishFor(ada, { server: 'one', text: rule(1) })
  await removeServer(seedActor, { slug: 'one' })
  expect(await readPolicies(ada)).toMatchObject([{ name: 'one.yaml', scope: 'removed', server: null }])
  await addServer(seedActor, { slug: 'one', transport: 'stdio', command: ['y'] })
  // The newest bundle still holds r1 for this slug, so that is what the console shows.
  expect(await readPolicies(ada)).toMatchObject([{ name: 'one.yaml', scope: 'server', revision: { number: 1 } }])
  await removeServer(seedActor, { slug: 'one' })
  await publishFor(ada, { server: 'two', text: rule(2) })
  expect((await bundle())?.policies.map(policy => policy.name)).toEqual(['two.yaml'])
  await addServer(seedActor, { slug: 'one', transport: 'stdio', command: ['z'] })
  expect((await readPolicies(ada)).find(policy => policy.name === 'one.yaml')?.scope).toBe('removed')
  expect(await readRevision(ada, 1)).toMatchObject({ text: rule(1) })
  await publishFor(ada, { server: 'one', text: rule(3) })
  expect((await readPolicy(ada, 'one.yaml')).revisions.map(each => each.number)).toEqual([3, 1])
})

const refusals: [what: string, run: () => Promise<unknown>, kind: string][] = [
  ['a server that is not there', () => publishFor(ada, { server: 'none', text: rule(1) }), 'not_found'],
  [
    'a second policy for a server',
    () => createPolicy(ada, { server: 'one' }).then(() => createPolicy(ada, { server: 'one' })),
    'invalid',
  ],
  [
    'a second every-server document',
    () => createPolicy(ada, { server: null }).then(() => createPolicy(ada, { server: null })),
    'invalid',
  ],
  [
    'a name in use',
    () =>
      createPolicy(ada, { server: 'one', name: 'a.yaml' }).then(() =>
        createPolicy(ada, { server: 'two', name: 'a.yaml' }),
      ),
    'invalid',
  ],
  ['a name that is a path', () => createPolicy(ada, { server: 'one', name: '../a.yaml' }), 'invalid'],
  ['a NUL in the text', () => publishFor(ada, { server: 'one', text: `${rule(1)}# \0` }), 'invalid'],
  [
    'a NUL as an escape',
    () => publishFor(ada, { server: 'one', text: rule(1).replace('tools:', 'description: "a\\0b"\ntools:') }),
    'invalid',
  ],
  ['more than 1 MB', () => publishFor(ada, { server: 'one', text: `${rule(1)}#${'x'.repeat(1_048_576)}` }), 'invalid'],
  ['an unknown revision', () => readRevision(ada, 99), 'not_found'],
  ['an unknown policy', () => readPolicy(ada, 'none.yaml'), 'not_found'],
]
test.each(refusals)('%s is refused', async (_what, run, kind) => {
  await expect(run()).rejects.toMatchObject({ name: 'Refusal', kind })
  expect(await db.database.prisma.revision.count()).toBe(0)
})
