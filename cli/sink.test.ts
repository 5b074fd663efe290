import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { isForwarding } from '@/lib/audit/sinks/queries'
import { openSecrets } from '@/lib/audit/sinks/secrets'
import { eventually, type Forwarding, forwarding, SECRET } from '@/lib/audit/sinks/testing/forwarding'
import { openDatabase } from '@/lib/db/client'
import { replaceDatabase } from '@/lib/db/current'
import { main } from './main'

let world: Forwarding
beforeAll(async () => {
  world = await forwarding()
})
afterAll(() => world.close())
beforeEach(() => {
  vi.stubEnv('CONSOLE_DATABASE_URL', world.db.consoleUrl)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  process.exitCode = undefined
})

/** Runs one command as `intercept` would; each closes the database that it opened. */
async function intercept(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const catchInto = (name: 'out' | 'err') => (text: unknown) => {
    printed[name] += String(text)
    return true
  }
  replaceDatabase(openDatabase(world.db.consoleUrl))
  process.exitCode = undefined
  vi.spyOn(process.stdout, 'write').mockImplementation(catchInto('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(catchInto('err'))
  try {
    return { code: await main(words), ...printed }
  } finally {
    vi.restoreAllMocks()
    replaceDatabase(world.db.database)
  }
}
const sinkOf = (name: string) => world.db.database.prisma.sink.findUniqueOrThrow({ where: { name } })

test('a sink from its first to its last command', async () => {
  const secretFile = path.join(world.folder, 'secret.txt')
  writeFileSync(secretFile, 'a secret that is not in a process list\n')
  const where = ['--set', 'url=https://siem.example.com/in?a=b', '--set', 'allowPrivate=true']
  const secret = ['--secret-file', `signingSecret=${secretFile}`]
  const added = await intercept('sink', 'add', 'siem', 'webhook', ...where, ...secret, '--effect', 'deny', '--json')
  expect([added.code, added.err]).toEqual([0, ''])
  expect(JSON.parse(added.out)).toMatchObject({ name: 'siem' })
  expect(openSecrets(SECRET, await sinkOf('siem'))).toEqual({ signingSecret: 'a secret that is not in a process list' })

  const listed = JSON.parse((await intercept('sink', 'list', '--json')).out)
  expect(listed).toMatchObject({
    isForwarding: false,
    sinks: [{ name: 'siem', kind: 'webhook', state: 'running', effects: ['deny'], behind: 0, withArguments: false }],
  })
  expect((await intercept('sink', 'list')).out).toMatch(
    /siem +webhook +https:\/\/siem\.example\.com.*\nNo forwarder runs/,
  )

  await intercept('sink', 'update', 'siem', '--set', 'format=json', '--arguments', '--all')
  expect(await sinkOf('siem')).toMatchObject({ effects: [], withArguments: true, settings: { format: 'json' } })
  await intercept('sink', 'update', 'siem', '--unset', 'format', '--no-arguments')
  expect(await sinkOf('siem')).toMatchObject({ withArguments: false, settings: { format: 'ndjson' } })

  for (const [verb, said] of [
    ['pause', 'Paused sink siem.\n'],
    ['resume', 'Resumed sink siem.\n'],
  ] as const)
    expect(await intercept('sink', verb, 'siem')).toEqual({ code: 0, out: said, err: '' })
  expect((await intercept('sink', 'test', 'siem')).err).toMatch(/No forwarder runs/)
  expect(await intercept('sink', 'remove', 'siem')).toEqual({ code: 0, out: 'Removed sink siem.\n', err: '' })
  expect((await intercept('sink', 'list')).out).toMatch(/^No sinks yet\. Next: intercept sink add/)
})

test('a test says what the receiver said, and ends with 1 when it did not take it', async () => {
  await intercept('sink', 'add', 'gone', 'nats', '--set', 'url=nats://127.0.0.1:1', '--set', 'allowPrivate=true')
  await intercept('sink', 'add', 'kept', 'file')
  const forwarder = await world.start()
  await eventually(isForwarding)
  const [gone, kept] = [await intercept('sink', 'test', 'gone'), await intercept('sink', 'test', 'kept', '--json')]
  await world.stop(forwarder)
  expect(gone).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^gone did not take the test event: .*127\.0\.0\.1:1/),
  })
  expect([kept.code, JSON.parse(kept.out)]).toEqual([0, { name: 'kept', error: null }])
})

const refused: [string, string[], number, RegExp][] = [
  ['an unknown kind', ['add', 'x', 'carrier-pigeon'], 2, /webhook, otlp, syslog, s3, nats or file/],
  ['a pair without a name', ['add', 'x', 'file', '--set', '=1'], 2, /--set as name=value/],
  [
    'a secret without a name',
    ['add', 'x', 'webhook', '--secret', 'hunter2'],
    2,
    /^(?!.*hunter2).*--secret as name=value/s,
  ],
  ['a file that is not there', ['add', 'x', 'syslog', '--set-file', 'ca=/nowhere.pem'], 2, /cannot be read \(ENOENT\)/],
  ['a setting that is none', ['add', 'x', 'file', '--set', 'colour=red'], 2, /colour/],
  ['a sink that is not there', ['pause', 'nothing'], 1, /There is no sink nothing/],
  ['the name of a page', ['add', 'new', 'file'], 2, /cannot be called new/],
]
test.each(refused)('%s is refused with what to do', async (_, words, code, message) => {
  const answer = await intercept('sink', ...words)
  expect([answer.code, answer.out]).toEqual([code, ''])
  expect(answer.err).toMatch(message)
})
