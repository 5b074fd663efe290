import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { commandLineActor } from '@/lib/auth/model'
import { replaceDatabase } from '@/lib/db/current'
import { sqlOver } from '@/lib/db/sql'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { addGrant, addIdentity, disableIdentity, enableIdentity, issueKey, revokeGrant, revokeKey } from './commands'
import { hashKey, KEY_PATTERN } from './keys'
import { readGrants, readIdentities, readIdentity } from './queries'
import { readDirectory } from './store'

let base: TestDatabase
let proxy: pg.Pool
const cli = commandLineActor('ada', 'host')
const viewer = { ...cli, kind: 'member' as const, roles: ['viewer' as const] }
const inMs = (ms: number) => new Date(Date.now() + ms)
const directory = () => readDirectory(sqlOver(proxy))

beforeAll(async () => {
  base = await testDatabase()
  replaceDatabase(base.database)
  proxy = new pg.Pool({ connectionString: base.proxyUrl, max: 2 })
})
afterAll(async () => {
  replaceDatabase(undefined)
  await proxy.end()
  await base.close()
})
beforeEach(async () => {
  for (const table of ['grants', 'keys', 'identities', 'servers']) await base.database.sql.query(`DELETE FROM ${table}`)
  const id = uuidv7()
  await base.database.prisma.server.create({
    data: { id, slug: 'mistral', title: 'Mistral', transport: 'stdio', command: ['mistral-mcp'] },
  })
  for (const [position, name] of ['mistral_chat', 'workflow_status', 'workflow_interact'].entries())
    await base.database.prisma.tool.create({
      data: { id: uuidv7(), serverId: id, name, position, category: 'Read', risk: 'low', categorySource: 'name' },
    })
  await addIdentity(cli, { name: 'demo-agent' })
})

const changesOf = (action: string) =>
  base.database.prisma.change.findMany({ where: { action }, orderBy: { id: 'desc' }, take: 1 })

test('a key has its form, is kept as a hash, and never stands in a change record', async () => {
  const { key, prefix } = await issueKey(cli, { identity: 'demo-agent' })
  expect(key).toMatch(/^ik_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/)
  expect(key.startsWith(`${prefix}_`)).toBe(true)
  const hash = createHash('sha256').update(key).digest('hex')
  expect((await directory()).keys).toMatchObject([{ prefix, hash, expiresAt: null }])
  const everything = JSON.stringify(
    await base.database.sql.query(`SELECT k::text FROM keys k UNION ALL SELECT c::text FROM changes c`),
  )
  expect(everything).toContain(prefix)
  expect(everything).not.toContain(key.slice(12))
  expect(JSON.stringify(await changesOf('key.issue'))).not.toContain(hash)
})

test.each([
  ['its prefix', (key: string) => key.slice(0, 11)],
  ['the full key', (key: string) => key],
])('a key revoked by %s is gone for proxies at once', async (_what, named) => {
  const { key, prefix } = await issueKey(cli, { identity: 'demo-agent' })
  const { key: other } = await issueKey(cli, { identity: 'demo-agent' })
  expect(await revokeKey(cli, { key: named(key) })).toEqual({ prefix, identity: 'demo-agent' })
  expect((await directory()).keys.map(each => each.hash)).toEqual([hashKey(other).toString('hex')])
  await expect(revokeKey(cli, { key: named(key) })).rejects.toMatchObject({ kind: 'conflict' })
  expect(await changesOf('key.revoke')).toMatchObject([{ label: prefix, actorKind: 'cli', actor: 'ada@host' }])
})

test('a full key of which only the prefix is right revokes nothing, and what is no key is not repeated', async () => {
  const { key, prefix } = await issueKey(cli, { identity: 'demo-agent' })
  const forged = `${prefix}_${'A'.repeat(43)}`
  expect(forged).toMatch(KEY_PATTERN)
  await expect(revokeKey(cli, { key: forged })).rejects.toMatchObject({ kind: 'not_found' })
  const refused = await revokeKey(cli, { key: 'hunter2-of-something-else' }).catch((error: Error) => error)
  expect(refused).toMatchObject({ kind: 'invalid' })
  expect(String(refused)).not.toContain('hunter2')
  expect((await directory()).keys).toHaveLength(1)
  expect(key).toContain(prefix)
})

test('each of these changes raises the version that proxies watch; using a key does not', async () => {
  const version = async () =>
    (await base.database.sql.query<{ version: bigint }>('SELECT version FROM enforcement_version'))[0]?.version
  const seen = new Set([await version()])
  const { key } = await issueKey(cli, { identity: 'demo-agent' })
  seen.add(await version())
  const { id } = await addGrant(cli, { identity: 'demo-agent', server: 'mistral', tools: ['*'] })
  seen.add(await version())
  await revokeGrant(cli, { id })
  seen.add(await version())
  await proxy.query('SELECT mark_keys_used(array(SELECT id FROM keys))')
  seen.add(await version())
  await revokeKey(cli, { key })
  seen.add(await version())
  await disableIdentity(cli, { identity: 'demo-agent' })
  seen.add(await version())
  expect(seen.size).toBe(6)
})

test('proxies read live keys and grants with their times in Unix ms, and leave out what has ended', async () => {
  const until = inMs(60_000)
  await issueKey(cli, { identity: 'demo-agent', expiresAt: until })
  const grant = await addGrant(cli, { identity: 'demo-agent', server: 'mistral', tools: ['workflow_*'], until })
  const { identities, keys, grants } = await directory()
  expect(identities).toMatchObject([{ name: 'demo-agent', kind: 'agent', labels: {} }])
  expect(keys).toMatchObject([{ identityId: identities[0]?.id, expiresAt: until.getTime() }])
  const expected = { id: grant.id, identityId: identities[0]?.id, server: 'mistral', tools: ['workflow_*'] }
  expect(grants).toMatchObject([{ ...expected, until: until.getTime() }])
  await base.database.sql.query(`UPDATE keys SET expires_at = now() - interval '1 second'`)
  await base.database.sql.query(`UPDATE grants SET until = now() - interval '1 second'`)
  expect(await directory()).toMatchObject({ keys: [], grants: [] })
})

test('a disabled identity is unknown to proxies with all it has, and back as it was when enabled', async () => {
  await issueKey(cli, { identity: 'demo-agent' })
  await addGrant(cli, { identity: 'demo-agent', server: 'mistral', tools: ['*'] })
  const before = await directory()
  await disableIdentity(cli, { identity: 'demo-agent' })
  expect(await directory()).toEqual({ identities: [], keys: [], grants: [] })
  await expect(issueKey(cli, { identity: 'demo-agent' })).rejects.toMatchObject({ kind: 'conflict' })
  await enableIdentity(cli, { identity: 'demo-agent' })
  expect(await directory()).toEqual(before)
})

const grant = { identity: 'demo-agent', server: 'mistral', tools: ['*'] }
test.each([
  ['no tools', { ...grant, tools: [] }, 'invalid', 'tools'],
  ['a blank tool', { ...grant, tools: ['mistral_chat', '  '] }, 'invalid', 'tools.1'],
  ['two names in one', { ...grant, tools: ['mistral_chat workflow_status'] }, 'invalid', 'tools.0'],
  ['more than 100 tools', { ...grant, tools: Array.from({ length: 101 }, (_, i) => `t${i}`) }, 'invalid', 'tools'],
  ['a time that is past', { ...grant, until: inMs(-1_000) }, 'invalid', 'until'],
  ['a time without a zone', { ...grant, until: '2099-01-01T00:00:00' }, 'invalid', 'until'],
  ['an unknown server', { ...grant, server: 'nowhere' }, 'not_found', 'server'],
  ['an unknown identity', { ...grant, identity: 'nobody' }, 'not_found', 'identity'],
])('a grant with %s is refused beside its field', async (_what, input, kind, path) => {
  await expect(addGrant(cli, input)).rejects.toMatchObject({ kind, issues: [{ path }] })
  expect(await base.database.prisma.grant.count()).toBe(0)
})

test('a grant revoked is revoked once, by name and in the record', async () => {
  const { id } = await addGrant(cli, { ...grant, reason: 'OPS-2291' })
  expect(await revokeGrant(cli, { id })).toEqual({ identity: 'demo-agent', server: 'mistral' })
  expect((await directory()).grants).toEqual([])
  await expect(revokeGrant(cli, { id })).rejects.toMatchObject({ kind: 'conflict' })
  await expect(revokeGrant(cli, { id: uuidv7() })).rejects.toMatchObject({ kind: 'not_found' })
  expect(await changesOf('grant.revoke')).toMatchObject([{ entityId: id, before: { revokedAt: null, tools: ['*'] } }])
})

test.each(['', ' ', 'a b', '-agent', 'a/b', 'ä', 'x'.repeat(101), 'a\u0000b'])(
  '%j is no name of an identity',
  async name => {
    await expect(addIdentity(cli, { name })).rejects.toMatchObject({ kind: 'invalid' })
  },
)

test('a name is taken once, also by two at once', async () => {
  const results = await Promise.allSettled([
    addIdentity(cli, { name: 'twin' }),
    addIdentity(cli, { name: 'twin' }),
    addIdentity(cli, { name: 'demo-agent' }),
  ])
  expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
  for (const result of results)
    if (result.status === 'rejected')
      expect(result.reason).toMatchObject({ kind: 'conflict', issues: [{ path: 'name' }] })
})

test('an identity holds twenty live keys at the most, also when they are issued at once', async () => {
  const results = await Promise.allSettled(Array.from({ length: 24 }, () => issueKey(cli, { identity: 'demo-agent' })))
  expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(20)
})

test('the page of an identity shows keys without hashes, grants by state, and the tools they cover', async () => {
  const { prefix } = await issueKey(cli, { identity: 'demo-agent' })
  const { key: gone } = await issueKey(cli, { identity: 'demo-agent' })
  await revokeKey(cli, { key: gone })
  const workflows = await addGrant(cli, { ...grant, tools: ['workflow_*'] })
  const expired = await addGrant(cli, { ...grant, tools: ['mistral_*'], until: inMs(60_000) })
  await base.database.sql.query(`UPDATE grants SET until = now() - interval '1 second' WHERE id = $1::uuid`, [
    expired.id,
  ])
  const view = await readIdentity(viewer, 'demo-agent')
  expect(view.keys.map(key => [key.prefix, key.state])).toEqual([
    [prefix, 'live'],
    [gone.slice(0, 11), 'revoked'],
  ])
  expect(view.keys[0]).not.toHaveProperty('hash')
  expect(view.grants.map(each => [each.id, each.state])).toEqual([
    [workflows.id, 'live'],
    [expired.id, 'expired'],
  ])
  expect(view.servers[0]?.tools.map(tool => [tool.name, tool.grants.length])).toEqual([
    ['mistral_chat', 0],
    ['workflow_status', 1],
    ['workflow_interact', 1],
  ])
  expect(await readGrants(viewer, { server: 'nowhere' })).toEqual([])
  await expect(readIdentity(viewer, 'nobody')).rejects.toMatchObject({ kind: 'not_found' })
})

test('the list pages by name with counts of what is live', async () => {
  await base.database.sql.query(
    `INSERT INTO identities (id, name) SELECT gen_random_uuid(), 'agent-' || lpad(n::text, 3, '0') FROM generate_series(1, 150) n`,
  )
  const { key } = await issueKey(cli, { identity: 'demo-agent' })
  await issueKey(cli, { identity: 'demo-agent' })
  await revokeKey(cli, { key })
  const first = await readIdentities(viewer)
  expect([first.identities.length, first.next]).toEqual([100, 'agent-100'])
  const second = await readIdentities(viewer, { after: first.next ?? '' })
  expect([second.identities.length, second.next]).toEqual([51, null])
  const found = await readIdentities(viewer, { search: 'DEMO' })
  expect(found.identities).toMatchObject([{ name: 'demo-agent', liveKeys: 1, liveGrants: 0, lastUsedAt: null }])
})
