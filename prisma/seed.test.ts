import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Actor, seedActor } from '@/lib/auth/model'
import { removeServer } from '@/lib/catalogue/commands'
import { openCredentials } from '@/lib/catalogue/credentials'
import { readServersForProxies } from '@/lib/catalogue/store'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { addIdentity } from '@/lib/identity/commands'
import { readIdentity } from '@/lib/identity/queries'
import { parse, testDocument } from '@/lib/policy'
import { readBundle } from '@/lib/policy-store/store'
import { seed } from './seed'

const person: Actor = { ...seedActor, kind: 'member', name: 'Ada' }
const secret = 'a secret of at least thirty-two characters'
let db: TestDatabase
beforeAll(async () => {
  process.env.INTERCEPT_SECRET = secret
  process.env.MISTRAL_API_KEY = 'sk-of-the-environment'
  db = await testDatabase()
  replaceDatabase(db.database)
})
/** The change log knows no deletion but by the owner of the database. */
async function forget(...actions: string[]): Promise<void> {
  const owner = new pg.Client({ connectionString: db.ownerUrl })
  await owner.connect()
  await owner.query('DELETE FROM changes WHERE action = ANY ($1)', [actions])
  await owner.end()
}
afterAll(async () => {
  delete process.env.MISTRAL_API_KEY
  replaceDatabase(undefined)
  await db.close()
})

test('a run after a killed one makes what is missing, and a third makes nothing', async () => {
  const { prisma, sql } = db.database
  const parts = [
    'server mistral',
    'its tool definitions',
    'policy io-github-swih-mistral-mcp.yaml',
    'identity demo-agent',
    'its grant',
  ]
  expect(await seed()).toEqual(parts)
  // As if the first run had been killed before its last two parts.
  await prisma.grant.deleteMany()
  await prisma.identity.deleteMany()
  await forget('identity.add', 'grant.add')
  // Meanwhile the first owner has come in.
  await addIdentity(person, { name: 'other-agent' })
  expect(await seed()).toEqual(['identity demo-agent', 'its grant'])
  expect(await seed()).toEqual([])

  const [server] = await readServersForProxies(sql)
  expect(server).toMatchObject({
    slug: 'mistral',
    transport: 'stdio',
    command: ['node', 'node_modules/mistral-mcp/dist/index.js'],
  })
  expect(server?.tools).toHaveLength(8)
  expect(server?.tools.every(tool => tool.pinned !== null && tool.pinnedDigest === tool.seenDigest)).toBe(true)
  expect(server?.tools.find(tool => tool.name === 'workflow_interact')).toMatchObject({
    category: 'Execute',
    risk: 'high',
  })
  expect(server && openCredentials(secret, server).environment).toEqual({ MISTRAL_API_KEY: 'sk-of-the-environment' })
})

test('the rule for workflow_interact is the one asked for, and every tool has a rule', async () => {
  const bundle = await readBundle(db.database.sql)
  expect(bundle).toMatchObject({
    number: 1,
    policies: [{ name: 'io-github-swih-mistral-mcp.yaml', server: 'mistral', revision: 1 }],
  })
  const document = bundle?.policies[0]?.document
  const entry = document?.entries.find(each => each.name === 'workflow_interact')
  expect(entry?.rules).toHaveLength(1)
  expect(entry?.rules[0]).toMatchObject({
    action: 'allow',
    when: null,
    conditions: [],
    limits: [{ form: 'object', max: 10, windowSeconds: 60 }],
    validate: { requiredArgs: true, schema: false, unknownArgs: false, maxBytes: null },
  })
  const [server] = await readServersForProxies(db.database.sql)
  const named = document?.entries
    .filter(each => each.rules.some(rule => rule.action === 'allow'))
    .map(each => each.name)
  expect(named?.sort()).toEqual(server?.tools.map(tool => tool.name).sort())
})

test("the document's own tests hold, also after the edits that a first reader makes to workflow_interact", async () => {
  const text = readFileSync('prisma/seeds/io-github-swih-mistral-mcp.yaml', 'utf8')
  const definitions = (await readServersForProxies(db.database.sql)).flatMap(server =>
    server.tools.flatMap(tool => tool.pinned ?? []),
  )
  expect(text.split('max: 10,')).toHaveLength(2)
  const edits = [
    text,
    text.replace('max: 10,', 'max: 2,'),
    text.replace(
      '- action: allow\n        rate_limit: { max: 10, window: 60 }\n        validate: { required_args: true }',
      '- action: deny\n        reason: Not today.',
    ),
  ]
  expect(new Set(edits).size).toBe(3)
  for (const edit of edits) {
    const { document, diagnostics } = parse(edit, { definitions })
    // What is asked for has no name and counts per session; nothing else is to be said of it.
    const known = ['unnamed_limit', 'per_session']
    expect(diagnostics.filter(each => !known.includes(each.code))).toEqual([])
    const outcomes = document ? testDocument(document, definitions) : []
    expect(outcomes.length).toBeGreaterThan(3)
    expect(outcomes.map(outcome => outcome.failure)).toEqual(outcomes.map(() => null))
  }
})

test('no key is seeded, the seed names itself in the change log, and the credential is not in it', async () => {
  const { prisma } = db.database
  expect(await prisma.key.count()).toBe(0)
  expect((await readIdentity(seedActor, 'demo-agent')).grants).toMatchObject([{ server: 'mistral', tools: ['*'] }])
  const changes = await prisma.change.findMany({ where: { actorKind: 'seed' } })
  expect(new Set(changes.map(change => change.action))).toEqual(
    new Set(['server.add', 'server.scan', 'tool.approve', 'policy.publish', 'identity.add', 'grant.add']),
  )
  expect(JSON.stringify(changes)).not.toContain('sk-of-the-environment')
})

test('whoever removed the demonstration does not get it back', async () => {
  await removeServer(person, { slug: 'mistral' })
  expect(await seed()).toEqual([])
})

test('a database in use is not seeded', async () => {
  const used = await testDatabase()
  replaceDatabase(used.database)
  await addIdentity(person, { name: 'other-agent' })
  expect(await seed()).toEqual([])
  expect(await used.database.prisma.server.count()).toBe(0)
  replaceDatabase(db.database)
  await used.close()
})
