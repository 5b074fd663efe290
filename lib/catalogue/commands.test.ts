import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Actor, seedActor } from '@/lib/auth/model'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { addServer, approveTools, removeServer, scanServer, setToolCategory, updateServer } from './commands'
import { openCredentials } from './credentials'
import { readServer, readServers } from './queries'
import { readServersForProxies } from './store'

const admin: Actor = { kind: 'member', id: uuidv7(), name: 'Ada Admin', roles: ['admin'], source: '127.0.0.1' }
const viewer: Actor = { ...admin, name: 'Vic Viewer', roles: ['viewer'] }
const nobody: Actor = { ...admin, roles: [] }
const odd = path.join(import.meta.dirname, 'testdata/odd-server.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'intercept-catalogue-'))
const listFile = path.join(folder, 'tools.json')
const list = (...tools: object[]) => writeFileSync(listFile, JSON.stringify(tools))
const tool = (name: string, description = 'first') => ({ name, description, inputSchema: { type: 'object' } })

let db: TestDatabase
beforeAll(async () => {
  process.env.INTERCEPT_SECRET = 'a secret of at least thirty-two characters'
  db = await testDatabase()
  replaceDatabase(db.database)
  await db.database.prisma.member.create({
    data: { id: admin.id ?? '', email: 'ada@example.com', name: admin.name, passwordHash: '', roles: ['admin'] },
  })
})
afterAll(async () => {
  replaceDatabase(undefined)
  rmSync(folder, { recursive: true })
  await db.close()
})
beforeEach(async () => {
  await db.database.prisma.server.deleteMany()
})

const changes = () => db.database.prisma.change.findMany({ orderBy: { id: 'desc' } })
const newestChange = async () => (await changes())[0]
const forProxies = async (slug: string) =>
  (await readServersForProxies(db.database.sql)).find(server => server.slug === slug)
const addOdd = (slug = 'odd') =>
  addServer(admin, { slug, transport: 'stdio', command: ['node', odd, 'file', listFile] })
const digestsOf = (tools: readonly { name: string; digest: string }[]) =>
  Object.fromEntries(tools.map(({ name, digest }) => [name, digest]))
const enforcementVersion = async () =>
  Number((await db.database.prisma.enforcementVersion.findUniqueOrThrow({ where: { id: 1 } })).version)

test('the real Mistral server: scanned, approved, and ready for proxies', async () => {
  await addServer(admin, {
    slug: 'mistral',
    title: 'Mistral',
    registryName: 'io.github.Swih/mistral-mcp',
    transport: 'stdio',
    command: ['node', 'node_modules/mistral-mcp/dist/index.js'],
  })
  const scan = await scanServer(admin, { slug: 'mistral' })
  expect(scan.added).toHaveLength(8)
  expect(scan.tools.every(tool => tool.state === 'new')).toBe(true)
  expect((await forProxies('mistral'))?.tools.every(tool => tool.pinnedDigest === null && tool.pinned === null)).toBe(
    true,
  )

  await approveTools(admin, { slug: 'mistral', tools: 'all', digests: digestsOf(scan.tools) })
  const server = await forProxies('mistral')
  const interact = server?.tools.find(tool => tool.name === 'workflow_interact')
  expect(interact).toMatchObject({ category: 'Execute', risk: 'high', isMissing: false })
  expect(interact?.pinnedDigest).toBe(interact?.seenDigest)
  expect(interact?.pinned).toMatchObject({ name: 'workflow_interact', category: 'Execute', risk: 'high' })
  expect(server?.tools.filter(tool => tool.category === 'Read')).toHaveLength(6)

  const again = await scanServer(admin, { slug: 'mistral' })
  expect(again).toMatchObject({ added: [], changed: [], missing: [] })
  expect(again.tools.every(tool => tool.state === 'approved')).toBe(true)
})

test('an approval pins what was shown and nothing that came after', async () => {
  await addOdd()
  list(tool('get_a'), tool('get_b'))
  const shown = await scanServer(admin, { slug: 'odd' })
  list(tool('get_a', 'do as I say'), tool('get_b'))
  await scanServer(admin, { slug: 'odd' })
  const stale = approveTools(admin, { slug: 'odd', tools: 'all', digests: digestsOf(shown.tools) })
  await expect(stale).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('get_a of odd') })
  expect((await forProxies('odd'))?.tools.every(each => each.pinnedDigest === null)).toBe(true)
})

test('a change, a loss and a return show, and an approved definition stays pinned meanwhile', async () => {
  await addOdd()
  list(tool('get_a'), tool('get_b'))
  const first = await scanServer(admin, { slug: 'odd' })
  await approveTools(admin, { slug: 'odd', tools: 'all', digests: digestsOf(first.tools) })
  list(tool('get_a', 'changed'), tool('get_c'))
  expect(await scanServer(admin, { slug: 'odd' })).toMatchObject({
    added: ['get_c'],
    changed: ['get_a'],
    missing: ['get_b'],
  })
  const states = (await readServer(viewer, 'odd')).tools.map(({ name, state }) => [name, state])
  expect(Object.fromEntries(states)).toEqual({ get_a: 'drifted', get_b: 'missing', get_c: 'waiting' })
  const [row] = await readServers(viewer)
  expect(row).toMatchObject({ tools: 2, drifted: 1, missing: 1, waiting: 1 })
  const drifted = (await readServer(viewer, 'odd')).tools.find(each => each.name === 'get_a')
  expect(drifted?.pinned?.description).toBe('first')
  expect(drifted?.definition?.description).toBe('changed')
  list(tool('get_a'), tool('get_b'))
  expect((await scanServer(admin, { slug: 'odd' })).tools.map(each => each.state)).toEqual(['approved', 'approved'])
})

test('of two who add one slug at once, one is refused', async () => {
  const outcomes = await Promise.allSettled([addOdd('twin'), addOdd('twin'), addOdd('twin')])
  const refused = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason.kind] : []))
  expect(refused).toEqual(['conflict', 'conflict'])
})

test('a list that was seen before wakes no proxy', async () => {
  await addOdd()
  list(tool('get_a'))
  await scanServer(admin, { slug: 'odd' })
  const before = await enforcementVersion()
  await scanServer(admin, { slug: 'odd' })
  expect(await enforcementVersion()).toBe(before)
  list(tool('get_a', 'changed'))
  await scanServer(admin, { slug: 'odd' })
  expect(await enforcementVersion()).toBeGreaterThan(before)
})

test('a server that names a tool like a resource is refused whole, and nothing of it is stored', async () => {
  await addOdd()
  list(tool('get_a'), tool('resources/secret'))
  await expect(scanServer(admin, { slug: 'odd' })).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('begins with resources/'),
  })
  expect((await readServer(viewer, 'odd')).tools).toEqual([])
})

test("a steward's category outlives scans and approvals, until it is given back", async () => {
  await addOdd()
  list(tool('get_a'))
  await scanServer(admin, { slug: 'odd' })
  await setToolCategory(admin, { slug: 'odd', tool: 'get_a', category: 'Financial' })
  list(tool('get_a', 'changed'))
  const scan = await scanServer(admin, { slug: 'odd' })
  await approveTools(admin, { slug: 'odd', tools: ['get_a'], digests: digestsOf(scan.tools) })
  expect((await readServer(viewer, 'odd')).tools[0]).toMatchObject({
    category: 'Financial',
    risk: 'critical',
    categorySource: 'steward',
  })
  await setToolCategory(admin, { slug: 'odd', tool: 'get_a', category: null })
  expect((await readServer(viewer, 'odd')).tools[0]).toMatchObject({
    category: 'Read',
    risk: 'low',
    categorySource: 'name',
  })
})

test('a definition that became destructive is classified anew when it is approved', async () => {
  await addOdd()
  list({ ...tool('sync'), annotations: { readOnlyHint: false, destructiveHint: false } })
  await scanServer(admin, { slug: 'odd' })
  list({ ...tool('sync'), annotations: { readOnlyHint: false, destructiveHint: true } })
  const scan = await scanServer(admin, { slug: 'odd' })
  await approveTools(admin, { slug: 'odd', tools: 'all', digests: digestsOf(scan.tools) })
  expect((await forProxies('odd'))?.tools[0]).toMatchObject({ category: 'Destructive', risk: 'critical' })
})

test('credentials are sealed, and only their names are ever shown', async () => {
  const secrets = /sk-alpha|sk-beta|Bearer-gamma|sk-delta/
  await addServer(admin, {
    slug: 'keyed',
    transport: 'stdio',
    command: ['node', odd, 'pages'],
    environment: { API_KEY: 'sk-alpha', OTHER: 'sk-beta' },
  })
  await addServer(admin, {
    slug: 'web',
    transport: 'http',
    url: 'https://mcp.example.com/mcp',
    headers: { Authorization: 'Bearer-gamma' },
  })
  await updateServer(admin, { slug: 'keyed', environment: { API_KEY: 'sk-delta', OTHER: null } })
  await scanServer(admin, { slug: 'keyed' })
  await removeServer(admin, { slug: 'web' })

  const server = await forProxies('keyed')
  expect(server?.sealed).toBeTruthy()
  const opened = openCredentials(process.env.INTERCEPT_SECRET ?? '', {
    id: server?.id ?? '',
    slug: 'keyed',
    sealed: server?.sealed ?? null,
  })
  expect(opened).toEqual({ environment: { API_KEY: 'sk-delta' }, headers: {} })
  const shown = {
    changes: await changes(),
    servers: await readServers(viewer),
    keyed: await readServer(viewer, 'keyed'),
  }
  const text = JSON.stringify(shown)
  expect(text).not.toMatch(secrets)
  expect(text).not.toContain('sealed')
  expect(shown.keyed.environmentNames).toEqual(['API_KEY'])
  const update = shown.changes.find(change => change.action === 'server.update')
  expect(update?.after).toMatchObject({ environment: ['API_KEY'], credentialsSet: ['API_KEY', 'OTHER'] })
})

test('headers do not travel unseen to another host', async () => {
  const web = {
    slug: 'web',
    transport: 'http',
    url: 'https://one.example.com/mcp',
    headers: { Authorization: 'x' },
  } as const
  await addServer(admin, web)
  await expect(updateServer(admin, { slug: 'web', url: 'https://two.example.com/mcp' })).rejects.toMatchObject({
    issues: [{ path: 'headers' }],
  })
  await updateServer(admin, { slug: 'web', url: 'https://one.example.com/other', title: 'Web' })
  await updateServer(admin, { slug: 'web', url: 'https://two.example.com/mcp', headers: { Authorization: 'y' } })
  expect(await readServer(viewer, 'web')).toMatchObject({ url: 'https://two.example.com/mcp', title: 'Web' })
})

test('the member who adds a server answers for it, unless another is named', async () => {
  await addOdd()
  await addServer(seedActor, { slug: 'seeded', transport: 'stdio', command: ['x'] })
  await addServer(seedActor, { slug: 'named', transport: 'stdio', command: ['x'], steward: 'Ada@Example.com' })
  const stewards = (await readServers(viewer)).map(({ slug, steward }) => [slug, steward?.email ?? null])
  expect(Object.fromEntries(stewards)).toEqual({ named: 'ada@example.com', odd: 'ada@example.com', seeded: null })
})

test('a removed server takes its tools and grants along and leaves a record', async () => {
  await addOdd()
  list(tool('get_a'))
  await scanServer(admin, { slug: 'odd' })
  await removeServer(admin, { slug: 'odd' })
  expect(await db.database.prisma.definition.count()).toBe(0)
  expect(await newestChange()).toMatchObject({
    action: 'server.remove',
    label: 'odd',
    actor: 'Ada Admin',
    before: { slug: 'odd', tools: 1, grants: 0 },
  })
})

const refusals: [what: string, run: () => Promise<unknown>, kind: string, says: RegExp][] = [
  ['an unknown server', () => scanServer(admin, { slug: 'none' }), 'not_found', /no server none/],
  ['a slug in use', () => addOdd('taken').then(() => addOdd('taken')), 'conflict', /server taken already/],
  [
    'an unknown steward',
    () => addServer(admin, { slug: 's', transport: 'stdio', command: ['x'], steward: 'a@b.example' }),
    'invalid',
    /No active member/,
  ],
  [
    'a tool that was not shown',
    () => addOdd().then(() => approveTools(admin, { slug: 'odd', tools: ['x'], digests: {} })),
    'invalid',
    /x was not shown/,
  ],
  [
    'a tool that is not there',
    () => addOdd().then(() => setToolCategory(admin, { slug: 'odd', tool: 'x', category: 'Read' })),
    'not_found',
    /no tool x/,
  ],
  [
    'a server that does not start',
    () =>
      addServer(admin, { slug: 's', transport: 'stdio', command: ['no-such-program-here'] }).then(() =>
        scanServer(admin, { slug: 's' }),
      ),
    'invalid',
    /no program on PATH/,
  ],
  [
    'a viewer who adds',
    () => addServer(viewer, { slug: 's', transport: 'stdio', command: ['x'] }),
    'forbidden',
    /server\.manage/,
  ],
  ['a viewer who scans', () => scanServer(viewer, { slug: 's' }), 'forbidden', /server\.manage/],
  ['a viewer who removes', () => removeServer(viewer, { slug: 's' }), 'forbidden', /server\.manage/],
  [
    'a viewer who approves',
    () => approveTools(viewer, { slug: 's', tools: 'all', digests: {} }),
    'forbidden',
    /server\.manage/,
  ],
  ['somebody without a role who reads', () => readServers(nobody), 'forbidden', /read/],
  ['somebody without a role who reads one', () => readServer(nobody, 's'), 'forbidden', /read/],
]
test.each(refusals)('%s is refused', async (_what, run, kind, says) => {
  await expect(run()).rejects.toMatchObject({ name: 'Refusal', kind, message: expect.stringMatching(says) })
})
