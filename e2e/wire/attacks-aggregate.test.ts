import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, post, type RawSession, saysOf } from './raw-client'

// Behind one address stand several servers, and one of them means harm to the others.
const command = ['node', path.join(import.meta.dirname, 'fixtures/hostile-stdio.mjs')]
let gateway: Gateway
let session: RawSession

beforeAll(async () => {
  gateway = await startGateway([
    { slug: 'hostile', command },
    { slug: 'honest', command },
    { slug: 'closed', command },
  ])
  const key = await gateway.newKey('many', [{ server: 'hostile' }, { server: 'honest' }])
  session = await beginSession(gateway, '', key)
})
afterAll(() => gateway.stop())

const list = '{"jsonrpc":"2.0","id":"list","method":"tools/list"}'

test('only what is granted stands there, each under the name of its server', async () => {
  const tools = (await session.post(list)).messages.at(-1)?.result?.tools as { name: string }[]
  const slugs = new Set(tools.map(({ name }) => name.split('__')[0]))
  expect(slugs).toEqual(new Set(['hostile', 'honest']))
  expect(saysOf(await session.call('honest__echo', { text: 'well' }))).toBe('well')
})

test.each([
  'closed__echo',
  'echo',
  '__echo',
  'honest__',
  'honest___echo',
  'HONEST__echo',
  'honest__hostile__echo',
  'nowhere__echo',
  '../closed__echo',
])('the name %s leads nowhere', async name => {
  expect(saysOf(await session.call(name))).toMatch(/^(not_available|malformed)$/)
})

test('a session here is none at a server, nor the other way round', async () => {
  expect((await post(gateway.url('honest'), callBody('echo'), session.headers)).status).toBe(404)
  const own = await beginSession(gateway, 'honest')
  expect((await post(gateway.url(''), callBody('honest__echo'), own.headers)).status).toBe(404)
  await own.end()
})

test('no server reports the progress of a call that another one has', async () => {
  const params = '{"name":"honest__report","arguments":{},"_meta":{"progressToken":"mine"}}'
  const underWay = session.post(`{"jsonrpc":"2.0","id":"mine","method":"tools/call","params":${params}}`)
  await sleep(300)
  const forging = await session.call('hostile__forge', { token: 'mine' }, 'forging')
  expect(saysOf(forging)).toBe('forged')
  const told = [...(await underWay).messages, ...forging.messages].filter(({ method }) => method)
  expect(told.map(({ params }) => params?.message)).toEqual(['own'])
})

test('no server answers the call that another one has', async () => {
  const underWay = session.call('honest__report', {}, 'theirs')
  await sleep(200)
  expect(saysOf(await session.call('hostile__foreign', { others: ['theirs'] }, 'own'))).toBe('own')
  expect(saysOf(await underWay)).toBe('reported')
})

test('a server that floods, dies or talks without end leaves the others their calls', async () => {
  void session.call('hostile__ask', { count: 500 }, 'asking')
  const talk = await session.begin(callBody('hostile__chatter', {}, 'chatter'))
  expect(talk.headers.get('content-type')).toBe('text/event-stream')
  await sleep(500)
  expect(saysOf(await session.call('honest__echo', { text: 'on' }, 'meanwhile'))).toBe('on')
  void session.call('hostile__flood', { bytes: 100 * 1024 * 1024 }, 'flood').catch(() => undefined)
  await sleep(500)
  expect(saysOf(await session.call('honest__echo', { text: 'on' }, 'afterwards'))).toBe('on')
  await session.end()
  await talk.body?.cancel().catch(() => undefined)
})
