import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { disableIdentity, revokeKey } from '@/lib/identity/commands'
import { type Gateway, startGateway, until } from './testing/gateway'

// Who may talk to the listener at all.
let gateway: Gateway

const initialize =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}'
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const accept = 'application/json, text/event-stream'

beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.stop())

const begin = async (key = gateway.key) => {
  const answer = await gateway.post(initialize, { authorization: `Bearer ${key}` })
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', authorization: `Bearer ${key}` }
}

/** By node:http, since fetch does not let a Host be chosen. */
function raw(
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: gateway.proxy.port, path, method, headers }, response => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
      .on('error', reject)
      .end()
  })
}

test.each([
  ['no key', undefined],
  ['another scheme', 'Basic aWs6'],
  ['no form of a key', 'Bearer secret'],
  ['a key of nobody', `Bearer ik_abcdefgh_${'x'.repeat(43)}`],
])('%s is answered by a bare challenge', async (_what, authorization) => {
  const answer = await raw('/mcp/fixture', authorization ? { authorization } : {}, 'POST')
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Bearer')
})

test('a key with a wrong secret behind a known prefix is nobody', async () => {
  const wrong = `${gateway.key.slice(0, -1)}${gateway.key.endsWith('A') ? 'B' : 'A'}`
  expect((await raw('/mcp/fixture', { authorization: `Bearer ${wrong}` }, 'POST')).status).toBe(401)
})

test('refused keys are recorded singly up to ten a minute, without the key', async () => {
  const key = `ik_abcdefgh_${'z'.repeat(43)}`
  for (let i = 0; i < 20; i++) await raw('/mcp/fixture', { authorization: `Bearer ${key}` }, 'POST')
  const rows = (await gateway.decisions()).filter(row => row.method === 'authenticate')
  expect(rows).toHaveLength(10)
  expect(rows[0]).toMatchObject({
    effect: 'deny',
    code: 'unauthenticated',
    identity: null,
    message: expect.stringMatching(/127\.0\.0\.1/),
  })
  expect(JSON.stringify(rows)).not.toContain('zzzz')
})

test.each([
  ['/.well-known/oauth-protected-resource', 404],
  ['/.well-known/oauth-protected-resource/mcp/fixture', 404],
  ['/.well-known/oauth-authorization-server', 404],
  ['/.well-known/oauth-authorization-server/mcp/fixture', 404],
  ['/', 404],
  ['/healthz', 200],
  ['/readyz', 200],
  ['/metrics', 200],
])('%s answers %i', async (path, status) => {
  expect((await raw(path, {})).status).toBe(status)
})

test('a server that is not there is not found, for those who have a key', async () => {
  expect((await raw('/mcp/nowhere', { authorization: `Bearer ${gateway.key}` }, 'POST')).status).toBe(404)
  expect((await raw('/mcp/nowhere', {}, 'POST')).status).toBe(401)
})

test.each([
  ['a foreign Host', { host: 'evil.example' }, 403],
  ['a foreign Host with a known port', { host: 'evil.example:4000' }, 403],
  ['a Host that hides one', { host: 'localhost@evil.example' }, 403],
  ['localhost at another port', { host: 'localhost:9999' }, 400],
  ['an Origin of elsewhere', { origin: 'https://evil.example' }, 403],
  ['an opaque Origin', { origin: 'null' }, 403],
  ['an Origin of here', { origin: 'http://localhost:3000' }, 400],
] as [string, Record<string, string>, number][])('%s: %o', async (_what, headers, status) => {
  const known = { authorization: `Bearer ${gateway.key}`, accept: 'text/event-stream' }
  expect((await raw('/mcp/fixture', { ...known, ...headers })).status).toBe(status)
})

test.each([
  ['another content type', { 'content-type': 'text/plain' }, 415],
  ['an Accept without events', { accept: 'application/json' }, 406],
  ['an Accept without JSON', { accept: 'text/event-stream' }, 406],
  ['an unknown protocol version', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ['the era without sessions', { 'mcp-protocol-version': '2026-07-28' }, 400],
  ['a session that is not there', { 'mcp-session-id': 'nope' }, 404],
] as [string, Record<string, string>, number][])('%s: %o', async (_what, headers, status) => {
  const session = await begin()
  expect((await gateway.post(ping, { ...session, ...headers })).status).toBe(status)
})

test('a session is found by nobody but its identity', async () => {
  const own = await begin()
  const other = await gateway.newKey('intruder')
  expect((await gateway.post(ping, { ...own, authorization: `Bearer ${other}` })).status).toBe(404)
  const stream = { method: 'GET', headers: { ...own, accept: 'text/event-stream', authorization: `Bearer ${other}` } }
  expect((await fetch(gateway.url(), stream)).status).toBe(404)
  expect((await fetch(gateway.url(), { ...stream, method: 'DELETE' })).status).toBe(404)
  expect((await gateway.post(ping, own)).status).toBe(200)
})

test('a session has one stream, ends by DELETE, and is gone then', async () => {
  const own = await begin()
  const get = () => fetch(gateway.url(), { headers: { ...own, accept: 'text/event-stream' } })
  const first = await get()
  expect(first.headers.get('content-type')).toBe('text/event-stream')
  expect((await get()).status).toBe(409)
  expect((await fetch(gateway.url(), { method: 'DELETE', headers: own })).status).toBe(200)
  expect(await first.text()).toBe('')
  expect((await gateway.post(ping, own)).status).toBe(404)
  expect((await gateway.post(ping, { ...own, 'mcp-session-id': '' })).status).toBe(400)
  expect((await fetch(gateway.url(), { method: 'PUT', headers: own })).status).toBe(405)
})

test('a revoked key stops working at once, on open sessions and streams too', async () => {
  const key = await gateway.newKey('leaver')
  const own = await begin(key)
  const stream = await fetch(gateway.url(), { headers: { ...own, accept: 'text/event-stream' } })
  expect((await gateway.post(ping, own)).status).toBe(200)
  await revokeKey(seedActor, { key: key.slice(0, 11) })
  const tookMs = await until(async () => (await gateway.post(ping, own)).status === 401, 1_000)
  expect(tookMs).toBeLessThan(1_000)
  expect(await stream.text()).toBe('')
})

test('a disabled identity has no keys', async () => {
  const key = await gateway.newKey('former')
  const own = await begin(key)
  await disableIdentity(seedActor, { identity: 'former' })
  await until(async () => (await gateway.post(ping, own)).status === 401, 1_000)
})

test('a client that sends its headers slowly is cut off', { timeout: 20_000 }, async () => {
  const socket = connect(gateway.proxy.port, '127.0.0.1')
  socket.write('POST /mcp/fixture HTTP/1.1\r\nHost: localhost\r\n')
  const drip = setInterval(() => socket.write('X-Slow: y\r\n'), 500)
  const startedAt = Date.now()
  socket.resume()
  socket.on('error', () => undefined)
  await once(socket, 'close')
  clearInterval(drip)
  expect(Date.now() - startedAt).toBeLessThan(15_000)
})

test('a key works from the moment it is issued, also behind a flood of bad ones', async () => {
  const bad = Array.from({ length: 30 }, () =>
    gateway.post(ping, { authorization: `Bearer ik_abcdefgh_${'q'.repeat(43)}` }),
  )
  const key = await gateway.newKey('newcomer')
  expect((await begin(key))['mcp-session-id']).not.toBe('')
  expect((await Promise.all(bad)).every(({ status }) => status === 401)).toBe(true)
})

test('what a client may not reach is not listed to one without a grant, and nothing is started for it', async () => {
  const key = await gateway.newKey('stranger', [])
  const own = await begin(key)
  const list = await (await gateway.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', own)).json()
  expect(list.result.tools).toEqual([])
  const call = '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}'
  const answer = await (await gateway.post(call, { ...own, accept })).json()
  expect(answer.result._meta['intercept/decision'].code).toBe('not_available')
  expect((await gateway.decisions()).at(-1)).toMatchObject({ identity: 'stranger', code: 'no_grant' })
})
