import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HostileServer, startHostileServer } from './fixtures/hostile-http'
import { type Gateway, startGateway } from './gateway'
import { beginSession, type RawSession, saysOf } from './raw-client'

let gateway: Gateway
let server: HostileServer
let session: RawSession
let other: RawSession

beforeAll(async () => {
  server = await startHostileServer()
  gateway = await startGateway([{ slug: 'fixture', url: server.url }])
  session = await beginSession(gateway, 'fixture')
  other = await beginSession(gateway, 'fixture')
})
afterAll(async () => {
  await gateway.stop()
  await server.close()
})

const MB = 1024 * 1024
const call = (args: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${args}}}`
const many = (count: number, each: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => each(i)).join(',')
const size = 3.9 * MB

const heavy: [what: string, args: () => string][] = [
  ['one long text', () => `{"text":"${'x'.repeat(size)}"}`],
  ['one text of escapes', () => `{"text":"${'\\u0022'.repeat(size / 6)}"}`],
  ['one number of four million digits', () => `{"n":${'1'.repeat(size)}}`],
  ['a number with a long exponent', () => `{"n":1e${'9'.repeat(size)}}`],
  ['very many keys', () => `{${many(300_000, i => `"k${i}":1`)}}`],
  ['keys that begin alike', () => `{${many(400, i => `"${'k'.repeat(9_000)}${i}":1`)}}`],
  ['very many entries', () => `{"list":[${many(1_900_000, () => '1')}]}`],
  ['very many empty objects', () => `{"list":[${many(1_300_000, () => '{}')}]}`],
  ['very many texts like keys and cards', () => `{"list":[${many(190_000, () => '"4111 1111 1111 111"')}]}`],
  ['a text like very many credentials', () => `{"text":"${'Bearer eyJa.eyJa. '.repeat(size / 18)}"}`],
  ['a text of blanks and at signs', () => `{"text":"${'a@'.repeat(size / 4)}${' '.repeat(size / 2)}"}`],
  [
    'as much nesting as is taken, again and again',
    () => `{"list":[${many(30_000, () => `${'['.repeat(55)}${']'.repeat(55)}`)}]}`,
  ],
]

// One process serves everybody: what takes long for one is time that all others wait.
test.each(heavy)('a body of %s holds up nobody else for long', async (_what, args) => {
  const body = call(args())
  expect(body.length).toBeLessThanOrEqual(4 * MB)
  const start = process.cpuUsage()
  const [answer, passed] = await Promise.all([session.post(body), other.call('echo', { text: 'here' })])
  const { user, system } = process.cpuUsage(start)
  expect([200, 400]).toContain(answer.status)
  expect(saysOf(passed)).toBe('here')
  // Of this process, which is client, proxy and server at once; a busy machine makes it no larger.
  expect((user + system) / 1_000).toBeLessThan(2_500)
})
