import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readServersForProxies } from '@/lib/catalogue/store'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { readBundle } from '@/lib/policy-store/store'
import { main } from './main'

const odd = 'lib/catalogue/testdata/odd-server.mjs'
const folder = mkdtempSync(path.join(tmpdir(), 'intercept-cli-'))
const listFile = path.join(folder, 'tools.json')
const policyFile = path.join(folder, 'policy.yaml')
const list = (...tools: object[]) => writeFileSync(listFile, JSON.stringify(tools))
const tool = (name: string, description = 'first') => ({ name, description, inputSchema: { type: 'object' } })

let db: TestDatabase
let owner: pg.Client
beforeAll(async () => {
  list(tool('get_a'), tool('delete_b'))
  db = await testDatabase()
  owner = new pg.Client({ connectionString: db.ownerUrl })
  await owner.connect()
})
beforeEach(async () => {
  await owner.query('TRUNCATE servers, policies, revisions, changes CASCADE')
  vi.stubEnv('CONSOLE_DATABASE_URL', db.consoleUrl)
  vi.stubEnv('INTERCEPT_SECRET', 'a secret of at least thirty-two characters')
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await owner.end()
  await db.close()
})

/** Runs one command as `intercept` would, and keeps what it prints. */
async function intercept(...words: string[]): Promise<{ code: number; out: string; err: string }> {
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
async function json(...words: string[]) {
  const { code, out, err } = await intercept(...words)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}
const pins = async () =>
  (await readServersForProxies(db.database.sql)).flatMap(server =>
    server.tools.map(each => [each.name, each.pinnedDigest !== null && each.pinnedDigest === each.seenDigest]),
  )

test('a server is added, scanned, given rules and removed without a browser', async () => {
  const added = await json('server', 'add', 'odd', '--env', 'A=b=c', '--json', '--', 'node', odd, 'file', listFile)
  expect(added).toMatchObject({ slug: 'odd' })
  const scan = await json('server', 'scan', 'odd', '--json')
  expect(scan).toMatchObject({ added: ['get_a', 'delete_b'], approved: ['get_a', 'delete_b'] })
  expect(await pins()).toEqual([
    ['get_a', true],
    ['delete_b', true],
  ])

  writeFileSync(policyFile, 'tools:\n  get_a:\n    rules: [{ action: allow }]\n')
  const published = await json('policy', 'publish', '--server', 'odd', policyFile, '--note', 'first', '--json')
  expect(published).toMatchObject({ revision: 1, server: 'odd', name: 'odd.yaml' })
  // Neither version nor default: warned of, and published.
  expect(published.diagnostics.map((each: { severity: string }) => each.severity)).toContain('warning')
  expect((await intercept('policy', 'show', '--server', 'odd')).out).toBe(
    'tools:\n  get_a:\n    rules: [{ action: allow }]\n',
  )
  expect(await json('policy', 'list', '--json')).toMatchObject([{ name: 'odd.yaml', revision: { number: 1 } }])
  expect(await json('server', 'list', '--json')).toMatchObject([{ slug: 'odd', tools: 2, policy: { revision: 1 } }])
  expect((await intercept('server', 'list')).out).toMatch(/^odd +stdio +2 +1 +0 +0 +1 +0 +0 +odd\.yaml r1$/m)

  expect(await json('server', 'remove', 'odd', '--json')).toEqual({ slug: 'odd', grants: 0 })
  const changes = await db.database.prisma.change.findMany({ orderBy: { id: 'asc' } })
  expect(changes.map(change => change.action)).toEqual([
    'server.add',
    'server.scan',
    'tool.approve',
    'policy.publish',
    'server.remove',
  ])
  expect(changes.every(change => change.actorKind === 'cli' && change.actor.includes('@'))).toBe(true)
})

test('a scan that only looks pins nothing, and approve pins what was named', async () => {
  await intercept('server', 'add', 'odd', '--', 'node', odd, 'file', listFile)
  const looked = await intercept('server', 'scan', 'odd', '--no-approve')
  expect(looked.out).toMatch(/get_a +Read +low +new/)
  expect(looked.out).toContain('2 wait for approval')
  expect(await pins()).toEqual([
    ['get_a', false],
    ['delete_b', false],
  ])
  expect((await intercept('server', 'approve', 'odd', 'get_a')).out).toBe('Approved get_a of odd.\n')
  expect(await pins()).toEqual([
    ['get_a', true],
    ['delete_b', false],
  ])
  await intercept('server', 'approve', 'odd', '--all')
  expect(await pins()).toEqual([
    ['get_a', true],
    ['delete_b', true],
  ])
})

test('a later scan pins only what it shows as new or changed', async () => {
  await intercept('server', 'add', 'odd', '--', 'node', odd, 'file', listFile)
  await intercept('server', 'scan', 'odd')
  list(tool('get_a', 'changed'), tool('delete_b'))
  const scan = await json('server', 'scan', 'odd', '--json')
  expect(scan).toMatchObject({ added: [], changed: ['get_a'], approved: ['get_a'] })
  list(tool('get_a'), tool('delete_b'))
})

test('a document for every server needs no --server', async () => {
  writeFileSync(policyFile, 'version: "1"\ndefault: allow\n')
  for (const words of [[], ['--server', '*']]) {
    const { code, out } = await intercept('policy', 'publish', policyFile, ...words)
    expect([code, out]).toEqual([0, expect.stringMatching(/Published r\d of every-server\.yaml for every server\.\n$/)])
  }
  expect((await readBundle(db.database.sql))?.policies).toMatchObject([{ server: null, revision: 2 }])
  expect((await intercept('policy', 'show')).out).toBe('version: "1"\ndefault: allow\n')
})

test('values are sealed, changed and removed by name, and never printed', async () => {
  await intercept(
    'server',
    'add',
    'odd',
    '--env',
    'KEY=sk-one',
    '--env',
    'OTHER=sk-two',
    '--',
    'node',
    odd,
    'environment',
  )
  await intercept('server', 'update', 'odd', '--env', 'KEY=sk-three', '--unset-env', 'OTHER')
  const { out } = await intercept('server', 'list', '--json')
  const changes = JSON.stringify(await db.database.prisma.change.findMany())
  expect(out + changes).not.toMatch(/sk-(one|two|three)/)
  const server = await db.database.prisma.server.findUniqueOrThrow({ where: { slug: 'odd' } })
  expect(server.environmentNames).toEqual(['KEY'])
})

test('every setting of a server has a command, and one shows them all', async () => {
  const settings = ['--drift', 'warn', '--arguments', 'keys', '--deadline', '7200', '--idle-deadline', '90']
  await json('server', 'add', 'odd', ...settings, '--json', '--', 'node', odd, 'file', listFile)
  const set = { drift: 'warn', argumentsKept: 'keys', deadlineSeconds: 7_200, idleDeadlineSeconds: 90 }
  expect(await json('server', 'show', 'odd', '--json')).toMatchObject(set)
  expect(await json('server', 'list', '--json')).toMatchObject([{ deadlineSeconds: 7_200, idleDeadlineSeconds: 90 }])
  const [served] = await readServersForProxies(db.database.sql)
  expect(served).toMatchObject(set)
  const other = ['--arguments', 'none', '--registry-name', 'io.github.odd/odd', '--deadline', 'default']
  await json('server', 'update', 'odd', ...other, '--json', '--', 'node', odd, 'pages')
  const shown = await json('server', 'show', 'odd', '--json')
  expect(shown).toMatchObject({
    ...set,
    argumentsKept: 'none',
    registryName: 'io.github.odd/odd',
    deadlineSeconds: null,
  })
  expect(shown.command.at(-1)).toBe('pages')
  const { out } = await intercept('server', 'show', 'odd')
  expect(out).toMatch(/^deadline +3600 s \(default\)$/m)
  expect(out).toMatch(/^arguments +none$/m)
})

test('a setting of the other transport is refused, and not lost', async () => {
  await json('server', 'add', 'odd', '--json', '--', 'node', odd, 'pages')
  await json('server', 'add', 'web', '--url', 'https://mcp.example.org/mcp', '--json')
  for (const words of [
    ['odd', '--url', 'https://mcp.example.org/mcp'],
    ['odd', '--header', 'a=b'],
    ['odd', '--allow-private', 'yes'],
    ['web', '--env', 'A=b'],
    ['web', '--', 'node', 'x'],
  ])
    expect((await intercept('server', 'update', ...words)).err).toMatch(/This server is (reached|started)/)
  await json('server', 'update', 'web', '--allow-private', 'yes', '--json')
  expect(await json('server', 'show', 'web', '--json')).toMatchObject({ allowPrivate: true })
})

test('deadlines reach proxies, one by one, and go back to the default by that word', async () => {
  await intercept('server', 'add', 'odd', '--', 'node', odd)
  const deadlines = async () => {
    const [server] = await readServersForProxies(db.database.sql)
    return [server?.deadlineSeconds, server?.idleDeadlineSeconds]
  }
  expect(await deadlines()).toEqual([null, null])
  await intercept('server', 'update', 'odd', '--deadline', '7200', '--idle-deadline', '90')
  expect(await deadlines()).toEqual([7_200, 90])
  await intercept('server', 'update', 'odd', '--deadline', 'default', '--title', 'Odd')
  expect(await deadlines()).toEqual([null, 90])
  expect((await intercept('server', 'update', 'odd', '--deadline', 'long')).err).toMatch(
    /--deadline as a number of seconds/,
  )
  expect((await intercept('server', 'update', 'odd', '--idle-deadline', '1')).err).toMatch(/at least 5 seconds/)
  const changes = await db.database.prisma.change.findMany({ where: { action: 'server.update' } })
  expect(JSON.stringify(changes)).toContain('"deadlineSeconds":7200')
})

test('how children and addresses are used reaches proxies, and stays when something else is changed', async () => {
  await intercept('server', 'add', 'one', '--shared', '--', 'node', odd)
  await intercept('server', 'add', 'old', '--url', 'https://old.example/sse', '--sse')
  const legs = async () =>
    (await readServersForProxies(db.database.sql)).map(({ slug, isShared, isSse }) => [slug, isShared, isSse])
  expect(await legs()).toEqual([
    ['old', false, true],
    ['one', true, false],
  ])
  await intercept('server', 'update', 'one', '--title', 'One')
  await intercept('server', 'update', 'old', '--sse', 'no')
  expect(await legs()).toEqual([
    ['old', false, false],
    ['one', true, false],
  ])
  expect((await intercept('server', 'update', 'one', '--sse', 'yes')).err).toMatch(/Only a server with an address/)
  expect((await intercept('server', 'update', 'old', '--shared', 'yes')).err).toMatch(/Only a server with a command/)
  const changes = await db.database.prisma.change.findMany()
  expect(JSON.stringify(changes)).toContain('"isShared":true')
})

test('a file named from another folder is stored by its whole path', async () => {
  writeFileSync(path.join(folder, 'mine.mjs'), '')
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  expect(await main(['server', 'add', 'mine', '--', 'node', 'mine.mjs', 'not-a-file', '--json'])).toBe(0)
  const { command } = await db.database.prisma.server.findUniqueOrThrow({ where: { slug: 'mine' } })
  expect(command).toEqual(['node', path.join(folder, 'mine.mjs'), 'not-a-file', '--json'])
})

const refused: [words: string[], code: number, says: RegExp][] = [
  [['server', 'add', 'x'], 2, /--url URL, or --/],
  [['server', 'add', 'x', '--url', 'https://a.example', '--', 'node'], 2, /not both/],
  [['server', 'add', 'X', '--', 'node'], 2, /A slug is/],
  [['server', 'add', 'x', '--env', 'novalue', '--', 'node'], 2, /--env as NAME=value/],
  [['server', 'add', 'x', '--url', 'http://10.0.0.1/mcp'], 2, /use https/],
  [['server', 'add', 'x', '--url', 'https://a.example', '--env', 'A=secret-value'], 2, /--env belongs/],
  [['server', 'add'], 2, /missing required argument/],
  [['server', 'frobnicate'], 2, /unknown command/],
  [['server', 'scan', 'none'], 1, /no server none/],
  [['server', 'approve', 'none', '--all'], 1, /no server none/],
  [['server', 'approve', 'none'], 2, /or give --all/],
  [['policy', 'publish', '--server', 'none', policyFile], 1, /no server none/],
  [['policy', 'publish', '/no/such/file.yaml'], 2, /no such file/],
  [['policy', 'show', '--server', 'none'], 1, /Nothing is published for server none/],
]
test.each(refused)('%j ends with %i and a sentence', async (words, code, says) => {
  writeFileSync(policyFile, 'version: "1"\ndefault: deny\n')
  const run = await intercept(...words)
  expect(run.code).toBe(code)
  expect(run.err).toMatch(says)
  expect(run.err).not.toContain('secret-value')
})

test('a document with errors is refused with its lines, and nothing is published', async () => {
  writeFileSync(policyFile, 'version: "1"\ndefault: deny\ntools:\n  a:\n    rules: [{ acton: allow }]\n')
  const { code, err } = await intercept('policy', 'publish', policyFile)
  expect(code).toBe(2)
  expect(err).toMatch(/Line 5, column \d+: .*acton/)
  expect(await readBundle(db.database.sql)).toBeNull()
})
