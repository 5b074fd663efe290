import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { revokeKey } from '@/lib/identity/commands'
import { type HostileServer, startHostileServer } from './fixtures/hostile-http'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, post, type RawSession, saysOf } from './raw-client'

// One identity reaches for what belongs to another.
let gateway: Gateway
let server: HostileServer
let intruderKey: string
const stdio = path.join(import.meta.dirname, 'fixtures/hostile-stdio.mjs')
const LAST = 'p1.0'

beforeAll(async () => {
  server = await startHostileServer()
  gateway = await startGateway([
    { slug: 'http', url: server.url },
    { slug: 'slow', url: `${server.url}?delay=300` },
    { slug: 'stdio', command: ['node', stdio] },
  ])
  intruderKey = await gateway.newKey('intruder', [{ server: 'http' }, { server: 'stdio' }])
})
afterAll(async () => {
  await gateway.stop()
  await server.close()
})

const asIntruder = (session: RawSession) => ({ ...session.headers, authorization: `Bearer ${intruderKey}` })

test.each(['http', 'stdio'])('the session id of another identity is no session, over %s', async slug => {
  const own = await beginSession(gateway, slug)
  const headers = asIntruder(own)
  const url = gateway.url(slug)
  expect((await post(url, callBody('echo'), headers)).status).toBe(404)
  expect((await post(url, '{"jsonrpc":"2.0","id":1,"method":"ping"}', headers)).status).toBe(404)
  expect((await post(url, '{"jsonrpc":"2.0","id":"ask-0","result":{}}', headers)).status).toBe(404)
  expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404)
  expect(saysOf(await own.call('echo', { text: 'mine' }))).toBe('mine')
  await own.end()
})

test('a session is bound to its server: it is none at another, also for its own identity', async () => {
  const own = await beginSession(gateway, 'http')
  expect((await post(gateway.url('stdio'), callBody('echo'), own.headers)).status).toBe(404)
  await own.end()
})

test('the GET stream of another cannot be read, taken over or resumed', async () => {
  const own = await beginSession(gateway, 'stdio')
  const headers = { ...asIntruder(own), accept: 'text/event-stream' }
  const url = gateway.url('stdio')
  expect((await fetch(url, { headers })).status).toBe(404)
  expect((await fetch(url, { headers: { ...headers, 'last-event-id': LAST } })).status).toBe(404)
  const stream = await own.listen()
  expect((await fetch(url, { headers })).status).toBe(404)
  expect((await own.listen()).status).toBe(409)
  await own.end()
  expect(await stream.text()).toBe('')
})

test('the number of an event in another session opens nothing', async () => {
  const [one, other] = [await beginSession(gateway, 'stdio'), await beginSession(gateway, 'stdio', intruderKey)]
  const asked = await one.post(callBody('echo', { text: 'for one' }), { accept: 'text/event-stream, application/json' })
  expect(asked.text).toContain(`id: ${LAST}`)
  expect(await readFor(await one.listen({ 'last-event-id': LAST }), 300)).toContain('for one')
  expect(await readFor(await other.listen({ 'last-event-id': LAST }), 300)).not.toContain('for one')
  await one.end()
  await other.end()
})

/** What a stream gives within that time. */
async function readFor(response: Response, ms: number): Promise<string> {
  const reader = response.body?.getReader()
  const timer = setTimeout(() => void reader?.cancel(), ms)
  let text = ''
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
    text += Buffer.from(part.value).toString()
  clearTimeout(timer)
  return text
}

test('session ids are not to be guessed, and one that was ended stays so', async () => {
  const sessions = [await beginSession(gateway, 'http'), await beginSession(gateway, 'http')]
  for (const { id } of sessions)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  for (const session of sessions) {
    await session.end()
    expect((await session.call('echo')).status).toBe(404)
  }
})

test('a revoked key ends open sessions: calls under way, streams, and what comes after', async () => {
  const key = await gateway.newKey('leaver', [{ server: 'stdio' }])
  const own = await beginSession(gateway, 'stdio', key)
  const stream = await own.listen()
  const underWay = own.call('hold', {}, 'held')
  await new Promise(resolve => setTimeout(resolve, 200))
  await revokeKey(seedActor, { key })
  expect(await stream.text()).toBe('')
  expect((await underWay).messages.at(-1)?.error?.message).toMatch(/key of this session is not valid/)
  expect((await own.call('echo')).status).toBe(401)
})

test('one identity cannot begin more sessions than it may, nor by beginning them all at once', async () => {
  const key = await gateway.newKey('greedy', [{ server: 'slow' }])
  const attempts = await Promise.all(
    Array.from({ length: 130 }, () =>
      beginSession(gateway, 'http', key).then(
        session => session,
        () => null,
      ),
    ),
  )
  const begun = attempts.filter(session => session !== null)
  expect(begun.length).toBe(100)
  expect(saysOf(await (await beginSession(gateway, 'http')).call('echo', { text: 'room for others' }))).toBe(
    'room for others',
  )
  await Promise.all(begun.map(session => session.end()))
})

const ofTheProxy =
  'accept connection content-length content-type host mcp-protocol-version mcp-session-id x-api-key'.split(' ')

test('nothing of the bearer, a cookie or the caller reaches a server, and the credential of the server does', async () => {
  await gateway.add({ slug: 'sealed', url: server.url, headers: { 'X-Api-Key': 'the-servers-own' } })
  const own = await beginSession(gateway, 'sealed')
  const before = server.received.length
  await own.post(callBody('echo', { text: 'x' }), {
    cookie: 'a=b',
    'x-forwarded-for': '1.2.3.4',
    'x-api-key': 'forged',
  })
  const sent = server.received.slice(before)
  expect(sent.length).toBeGreaterThan(0)
  for (const { headers } of sent) {
    expect(Object.keys(headers).filter(name => !ofTheProxy.includes(name))).toEqual([])
    expect(headers['x-api-key']).toBe('the-servers-own')
    expect(headers['mcp-session-id']).toBe('upstream-session')
  }
  expect(JSON.stringify(server.received)).not.toContain(gateway.key)
  await own.end()
})
