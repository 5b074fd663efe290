import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { revokeKey } from '@/lib/identity/commands'
import { META, MODERN_VERSION } from './mcp/modern-version'
import { type Gateway, startGateway, until } from './testing/gateway'

const policy = (hidden: string) => `default: allow
hide: [${hidden}]
tools:
  write_note: { rules: [{ name: no writing, action: deny, reason: Nobody writes. }] }
`

let gateway: Gateway
beforeAll(async () => {
  const command = ['node', path.join(import.meta.dirname, 'testing/modern-server.mjs')]
  gateway = await startGateway({ command, policy: policy('secret_note') })
})
afterAll(() => gateway.stop())

const envelope = {
  [META.version]: MODERN_VERSION,
  [META.client]: { name: 'hand', version: '9' },
  [META.capabilities]: {},
}
const ask = (method: string, params: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
  const mirrored: Record<string, string> = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method, ...headers }
  if (typeof params.name === 'string') mirrored['mcp-name'] = params.name
  const body = { jsonrpc: '2.0', id: 'one', method, params: { _meta: envelope, ...params } }
  return gateway.post(JSON.stringify(body), mirrored)
}
const call = async (name: string, more = {}) => (await ask('tools/call', { name, arguments: {}, ...more })).json()
const told = (text: string) =>
  text.split('\n').flatMap(line => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))

test('a description keeps what the server has, and promises to tell of changed lists', async () => {
  const { result } = await (await ask('server/discover')).json()
  expect(result).toEqual({
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: {
      tools: { listChanged: true },
      extensions: { 'io.modelcontextprotocol/tasks': {}, 'com.example/kept': {} },
    },
    ttlMs: 5_000,
    cacheScope: 'private',
  })
})

test('a list is filtered and private, and keeps every other field', async () => {
  const { result } = await (await ask('tools/list')).json()
  expect(result).toMatchObject({ ttlMs: 5_000, cacheScope: 'private', 'x-kept': [1] })
  expect(result.tools).toEqual(
    ['read_note', 'write_note'].map(name => ({ name, inputSchema: { type: 'object' }, 'x-vendor': { kept: true } })),
  )
})

test('a call is judged like any other, and recorded without a session', async () => {
  expect(await call('read_note')).toMatchObject({ id: 'one', result: { content: [{ text: 'read_note' }] } })
  expect(await call('write_note')).toMatchObject({
    result: { resultType: 'complete', isError: true, _meta: { 'intercept/decision': { rule: 'no writing' } } },
  })
  const hidden = await call('secret_note')
  expect(hidden.result.content[0].text).toBe('[INTERCEPT POLICY DENIED] Tool "secret_note" is not available.')
  const rows = await gateway.decisions()
  expect(rows.slice(-3).map(({ tool, effect, session }) => [tool, effect, session])).toEqual([
    ['read_note', 'allow', null],
    ['write_note', 'deny', null],
    ['secret_note', 'deny', null],
  ])
  expect(rows.at(-3)?.outcome).toBe('result')
})

test('the envelope reaches the server as the client wrote it, extensions and all', async () => {
  const extensions = { 'io.modelcontextprotocol/tasks': {}, 'com.example/kept': {} }
  const _meta = { ...envelope, [META.capabilities]: { extensions, sampling: {} }, traceparent: 'kept' }
  const { result } = await call('read_note', { _meta })
  expect(result.seen).toEqual(_meta)
})

test('where a server offers no subscriptions, changes of policy are told all the same', async () => {
  const response = await ask('subscriptions/listen', {
    notifications: { toolsListChanged: true, promptsListChanged: true },
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const reading = (async () => {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value
  })()
  await until(() => told(text).length === 1)
  await gateway.publish(policy('secret_note, read_note'))
  await until(() => told(text).length === 2)
  const _meta = { [META.subscription]: 'one' }
  expect(told(text)).toEqual([
    {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true }, _meta },
    },
    { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta } },
  ])
  await gateway.publish(policy('secret_note'))
  await until(() => told(text).length === 3)
  await reader?.cancel()
  await reading
})

test('whoever asks only for what a server does not offer is told so', async () => {
  const response = await ask('subscriptions/listen', { notifications: { promptsListChanged: true } })
  expect([response.status, (await response.json()).error.code]).toEqual([404, -32_601])
})

test('a key that is revoked ends its subscriptions and what it has under way', async () => {
  const key = await gateway.newKey('leaver')
  const bearer = { authorization: `Bearer ${key}` }
  await until(async () => (await ask('server/discover', {}, bearer)).status === 200)
  const stream = await ask('subscriptions/listen', { notifications: { toolsListChanged: true } }, bearer)
  const hanging = ask('tools/call', { name: 'read_note', arguments: { wait: true } }, bearer)
  await until(() => gateway.rawCalls().includes('"wait":true'))
  await revokeKey(seedActor, { key })
  expect(told(await stream.text())).toHaveLength(1)
  expect((await (await hanging).json()).error).toMatchObject({
    code: 50_201,
    message: 'The key is not valid any more.',
  })
  await until(() => gateway.rawCalls().includes('notifications/cancelled'))
  expect((await ask('server/discover', {}, bearer)).status).toBe(401)
})

const uncarried: [what: string, body: object][] = [
  ['an answer', { id: 1, result: {} }],
  ['a notification that is not carried', { method: 'notifications/roots/list_changed' }],
]
test.each(uncarried)('%s is refused', async (_what, body) => {
  const response = await gateway.post(JSON.stringify({ jsonrpc: '2.0', ...body }), {
    'mcp-protocol-version': MODERN_VERSION,
  })
  expect(response.status).toBe(400)
  await response.text()
})

test('the address of all servers has sessions only, and says so in a way that lets clients fall back', async () => {
  const body = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: envelope } }
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${gateway.key}`,
    'mcp-protocol-version': MODERN_VERSION,
    'mcp-method': 'server/discover',
  }
  const all = gateway.url().replace(/\/mcp\/.*/, '/mcp')
  const response = await fetch(all, { method: 'POST', headers, body: JSON.stringify(body) })
  expect([response.status, (await response.json()).error.code]).toEqual([400, -32_000])
})
