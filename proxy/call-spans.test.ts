import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { addServer, approveTools, scanServer } from '@/lib/catalogue/commands'
import { addGrant } from '@/lib/identity/commands'
import { META, MODERN_VERSION } from './mcp/modern-version'
import { type Collector, type SeenSpan, startCollector } from './testing/collector'
import { type Gateway, startGateway, until } from './testing/gateway'
import { type HttpFixture, startHttpFixture } from './testing/http-upstream'

// A span a call and one of the server's part in it, out of a whole proxy into a collector at the network's edge.
const SPAN = 'b7ad6b7169203331'
const policy = `default: allow
hide: [secret]
tools:
  fail: { rules: [{ name: no failing, action: deny, reason: Nobody fails. }] }
`
let collector: Collector
let http: HttpFixture
let gateway: Gateway
let session = ''
/** Another trace for each test, since spans of the last one may still come. */
let trace = ''
let parent = ''

beforeAll(async () => {
  collector = await startCollector()
  http = await startHttpFixture(['sessions', 'stateless'])
  const tracing = {
    url: `${collector.url}/v1/traces`,
    headers: { 'x-collector': 'mine' },
    serviceName: 'tested',
    delayMs: 20,
    resource: { 'deployment.environment.name': 'test' },
    sampler: { ratio: 1, isParentBased: true },
  }
  gateway = await startGateway({ policy, settings: { tracing } })
  await addServer(seedActor, { slug: 'web', transport: 'http', url: http.url, allowPrivate: true })
  const child = ['node', path.join(import.meta.dirname, 'testing/modern-server.mjs')]
  await addServer(seedActor, { slug: 'child', transport: 'stdio', command: child })
  for (const slug of ['web', 'child']) {
    const { tools } = await scanServer(seedActor, { slug })
    const digests = Object.fromEntries(tools.map(tool => [tool.name, tool.digest]))
    await approveTools(seedActor, { slug, tools: 'all', digests })
    await addGrant(seedActor, { identity: 'agent', server: slug, tools: ['*'] })
    await gateway.publish('default: allow\ntools: {}\n', slug)
  }
  session = await begin('fixture')
})
async function begin(slug: string): Promise<string> {
  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  const begun = await post('initialize', initialize, {}, gateway.url(slug))
  await begun.text()
  return begun.headers.get('mcp-session-id') ?? ''
}
afterAll(async () => {
  await gateway.stop()
  await http.close()
  await collector.close()
})
beforeEach(() => {
  collector.status = 200
  trace = randomBytes(16).toString('hex')
  parent = `00-${trace}-${SPAN}-01`
  http.calls.length = 0
})

function post(method: string, params: object, headers: Record<string, string> = {}, url = gateway.url()) {
  return fetch(url, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 'one', method, params }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${gateway.key}`,
      ...headers,
    },
  })
}
const inSession = async (name: string, args: object = {}, headers = {}) =>
  (await post('tools/call', { name, arguments: args }, { 'mcp-session-id': session, ...headers })).text()
const _meta = { [META.version]: MODERN_VERSION, [META.capabilities]: {} }
const stateless = async (name: string, headers = {}, meta = {}, url = gateway.url('web')) => {
  const mirrored = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': 'tools/call', 'mcp-name': name, ...headers }
  const response = await post('tools/call', { name, arguments: {}, _meta: { ..._meta, ...meta } }, mirrored, url)
  return [response.status, await response.text()]
}
const SERVER = 2
const CLIENT = 3
const spansOf = (traceId = trace) => collector.spans.filter(span => span.traceId === traceId)
const spanOf = async (kind: number, traceId = trace): Promise<SeenSpan> => {
  await until(() => spansOf(traceId).some(span => span.kind === kind))
  return spansOf(traceId).find(span => span.kind === kind) as SeenSpan
}

test('a call is a span within the caller’s trace, with the decision and without arguments', async () => {
  await inSession('echo', { text: 'a-word-to-look-for', password: 'hunter2' }, { traceparent: parent })
  const span = await spanOf(SERVER)
  const [row] = (await gateway.decisions()).slice(-1)
  expect(row).toMatchObject({ tool: 'echo', trace_id: trace })
  expect(span).toMatchObject({ traceId: trace, parentSpanId: SPAN, name: 'tools/call echo' })
  expect(span.attributes).toMatchObject({
    'mcp.method.name': 'tools/call',
    'gen_ai.tool.name': 'echo',
    'gen_ai.operation.name': 'execute_tool',
    'mcp.session.id': session,
    'mcp.protocol.version': '2025-11-25',
    'jsonrpc.request.id': 'one',
    'network.transport': 'tcp',
    'intercept.effect': 'allow',
    'intercept.server': 'fixture',
    'intercept.identity': 'agent',
    'intercept.decision.id': row?.id,
  })
  expect(collector.resources.at(-1)).toMatchObject({
    'service.name': 'tested',
    'service.instance.id': 'test',
    'deployment.environment.name': 'test',
  })
  expect(collector.headers.at(-1)).toMatchObject({ 'x-collector': 'mine' })
  expect(collector.bodies.join()).not.toMatch(/a-word-to-look-for|hunter2/)
  expect(collector.bodies.join()).not.toContain(gateway.key)
})

test('a server over stdio goes on from the span of its own part', async () => {
  await inSession('echo', { text: 'x' }, { traceparent: parent, tracestate: 'v=1' })
  const [server, client] = [await spanOf(SERVER), await spanOf(CLIENT)]
  expect(client).toMatchObject({ traceId: trace, parentSpanId: server.spanId, name: 'tools/call echo' })
  expect(client.attributes).toMatchObject({ 'network.transport': 'pipe' })
  expect(gateway.calls().at(-1)).toMatchObject({
    _meta: { traceparent: `00-${trace}-${client.spanId}-01`, tracestate: 'v=1' },
  })
})

test('in a session with a server over HTTP it is the same', async () => {
  const headers = { 'mcp-session-id': await begin('web'), traceparent: parent }
  await (await post('tools/call', { name: 'note', arguments: {} }, headers, gateway.url('web'))).text()
  const [server, client] = [await spanOf(SERVER), await spanOf(CLIENT)]
  expect([server.parentSpanId, client.parentSpanId]).toEqual([SPAN, server.spanId])
  const traceparent = `00-${trace}-${client.spanId}-01`
  expect(http.calls).toMatchObject([{ params: { _meta: { traceparent } }, headers: { traceparent } }])
})

test('without sessions and over stdio it is the same', async () => {
  const [, text] = await stateless('read_note', { traceparent: parent }, {}, gateway.url('child'))
  const [server, client] = [await spanOf(SERVER), await spanOf(CLIENT)]
  expect([server.parentSpanId, client.parentSpanId]).toEqual([SPAN, server.spanId])
  expect(client.attributes).toMatchObject({ 'network.transport': 'pipe' })
  expect(text).toContain(`"traceparent":"00-${trace}-${client.spanId}-01"`)
})

test('what a server asks of its client is a call too, and a span', async () => {
  const client = await gateway.connect()
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    role: 'assistant',
    content: { type: 'text', text: 'said' },
    model: 'm',
  }))
  await client.callTool({ name: 'ask', arguments: { prompt: 'never in a span' } })
  await client.close()
  const [row] = (await gateway.decisions()).filter(({ method }) => method === 'sampling/createMessage')
  const span = await spanOf(SERVER, String(row?.trace_id))
  expect(span).toMatchObject({ name: 'sampling/createMessage' })
  expect(collector.bodies.join()).not.toContain('never in a span')
})

test('without sessions and over HTTP it is the same, in the header too', async () => {
  const [status] = await stateless('note', {}, { traceparent: parent })
  expect(status).toBe(200)
  const [server, client] = [await spanOf(SERVER), await spanOf(CLIENT)]
  expect(server).toMatchObject({ traceId: trace, parentSpanId: SPAN })
  expect(server.attributes).toMatchObject({ 'mcp.protocol.version': MODERN_VERSION })
  expect(server.attributes).not.toHaveProperty('mcp.session.id')
  expect(client.attributes).toMatchObject({ 'network.transport': 'tcp', 'server.address': '127.0.0.1' })
  const traceparent = `00-${trace}-${client.spanId}-01`
  expect(http.calls).toMatchObject([{ params: { _meta: { traceparent } }, headers: { traceparent } }])
})

test('a call that comes with no trace begins one, which its record names', async () => {
  await stateless('note')
  const traceId = String((await gateway.decisions()).at(-1)?.trace_id)
  const span = await spanOf(SERVER, traceId)
  expect(span.parentSpanId ?? '').toBe('')
  const traceparent = `00-${traceId}-${(await spanOf(CLIENT, traceId)).spanId}-01`
  expect(http.calls).toMatchObject([{ headers: { traceparent } }])
})

const refused: [tool: string, name: string, code: string][] = [
  ['fail', 'tools/call fail', 'policy_denied'],
  ['secret', 'tools/call', 'hidden'],
  ['never-heard-of', 'tools/call', 'unknown_tool'],
]
test.each(refused)('%s is refused: a span named %s says %s, and the server had no part', async (tool, name, code) => {
  await inSession(tool, {}, { traceparent: parent })
  const span = await spanOf(SERVER)
  expect(span).toMatchObject({ name, status: 2 })
  expect(span.attributes).toMatchObject({ 'intercept.effect': 'deny', 'intercept.code': code, 'error.type': code })
  expect(spansOf()).toHaveLength(1)
})

test('what a server refuses is told in both spans', async () => {
  await inSession('refuse', {}, { traceparent: parent })
  for (const kind of [SERVER, CLIENT]) {
    const attributes = { 'error.type': '-32050', 'rpc.response.status_code': '-32050' }
    expect(await spanOf(kind)).toMatchObject({ status: 2, attributes })
  }
})

test('a trace that its caller does not keep is not kept here, and goes on all the same', async () => {
  await inSession('echo', { text: 'unkept' }, { traceparent: parent.replace(/01$/, '00') })
  expect(gateway.calls().at(-1)).toMatchObject({
    _meta: { traceparent: expect.stringMatching(`^00-${trace}-[0-9a-f]{16}-00$`) },
  })
  const unkept = trace
  trace = randomBytes(16).toString('hex')
  await inSession('echo', { text: 'kept' }, { traceparent: `00-${trace}-${SPAN}-01` })
  await spanOf(SERVER)
  expect(spansOf(unkept)).toEqual([])
})

test('a collector that fails or hangs touches no call, is counted, and does not hold up a stop', async () => {
  collector.status = 500
  expect(await inSession('echo', { text: 'still answered' })).toContain('still answered')
  const metrics = async () => (await fetch(gateway.url().replace(/\/mcp\/.*/, '/metrics'))).text()
  await until(async () => /intercept_trace_spans_total\{result="failed"\} [1-9]/.test(await metrics()), 15_000)
  collector.status = -1
  await inSession('echo', { text: 'x' })
  const startedAt = performance.now()
  await gateway.proxy.stop()
  // An attempt to export alone may take five seconds.
  expect(performance.now() - startedAt).toBeLessThan(4_500)
})
