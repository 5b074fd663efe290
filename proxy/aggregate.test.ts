import path from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from '@/e2e/wire/gateway'
import { seedActor } from '@/lib/auth/model'
import { addGrant, revokeGrant } from '@/lib/identity/commands'
import { PATIENCE } from './mcp/aggregate-list'
import { until } from './testing/gateway'

// One address for all servers that an identity may use: real clients, real children, Mistral's server among them.
const at = (name: string) => path.join(import.meta.dirname, 'testing', name)
const fixture = (slug: string) => ({ slug, command: ['node', at('upstream-server.mjs')] })
const paged = (slug: string, MODE = 'sound') => ({
  slug,
  command: ['node', at('paged-server.mjs')],
  environment: { MODE },
})
const mistral = {
  slug: 'mistral',
  command: ['node', 'node_modules/mistral-mcp/dist/index.js'],
  environment: { MISTRAL_API_KEY: 'none' },
}
const policy =
  'default: allow\nhide: [secret]\ntools:\n  fail:\n    rules: [{ name: no, action: deny, reason: Not that. }]\n'

let gateway: Gateway
const clients: Client[] = []
const patience = PATIENCE.listMs

beforeAll(async () => {
  gateway = await startGateway([fixture('alpha'), fixture('beta'), mistral, paged('pages')])
  await gateway.publish(policy)
}, 120_000)
afterEach(async () => {
  PATIENCE.listMs = patience
  await Promise.all(clients.splice(0).map(client => client.close()))
})
afterAll(() => gateway.stop())

const textOf = (result: unknown) => (result as { content: [{ text: string }] }).content[0].text

async function connect(slug: string | null = null, key = gateway.key): Promise<Client> {
  const client = new Client({ name: 'tester', version: '1' }, { capabilities: { sampling: {} } })
  const url = slug === null ? new URL('/mcp', gateway.url('x')) : new URL(gateway.url(slug))
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }))
  clients.push(client)
  return client
}

async function allTools(client: Client) {
  const tools = []
  let cursor: string | undefined
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor })
    tools.push(...page.tools)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return tools
}

test('every tool stands under its server’s name, with every field, over all pages', async () => {
  const client = await connect()
  const first = await client.listTools()
  // The first page of each server, and a cursor where one goes on.
  expect(first.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['alpha__echo', 'pages__one']))
  expect(first.nextCursor).toBeDefined()
  const all = await allTools(client)
  for (const slug of ['alpha', 'beta', 'mistral', 'pages']) {
    const own = await allTools(await connect(slug))
    expect(own.length).toBeGreaterThan(4)
    expect(all.filter(({ name }) => name.startsWith(`${slug}__`)).sort(byName)).toEqual(
      own.map(tool => ({ ...tool, name: `${slug}__${tool.name}` })).sort(byName),
    )
  }
  expect(all.map(({ name }) => name)).not.toContain('alpha__secret')
})
const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name)

test('a call goes to its server and is judged and recorded as at the server’s own address', async () => {
  const client = await connect()
  expect(textOf(await client.callTool({ name: 'alpha__echo', arguments: { text: 'hello' } }))).toBe('hello')
  expect(textOf(await client.callTool({ name: 'beta__fail', arguments: {} }))).toBe(
    '[INTERCEPT POLICY DENIED] Not that.',
  )
  await expect(client.callTool({ name: 'beta__refuse', arguments: {} })).rejects.toMatchObject({ code: -32050 })
  const call = { name: 'workflow_interact', arguments: {} }
  const own = await (await connect('mistral')).callTool(call)
  expect(await client.callTool({ ...call, name: 'mistral__workflow_interact' })).toEqual(own)
  const rows = (await gateway.decisions()).slice(-5).map(({ tool, effect }) => [tool, effect])
  expect(rows).toEqual([
    ['echo', 'allow'],
    ['fail', 'deny'],
    ['refuse', 'allow'],
    ['workflow_interact', 'allow'],
    ['workflow_interact', 'allow'],
  ])
})

test('what leads nowhere, is hidden or not granted answers alike', async () => {
  const key = await gateway.newKey('narrow', [{ server: 'alpha', tools: ['echo', 'secret'] }])
  const client = await connect(null, key)
  expect((await allTools(client)).map(({ name }) => name)).toEqual(['alpha__echo'])
  for (const server of ['alpha', 'beta', 'nowhere']) {
    const answer = await client.callTool({ name: `${server}__secret`, arguments: {} })
    expect(textOf(answer)).toBe('[INTERCEPT POLICY DENIED] Tool "secret" is not available.')
    expect(answer).toMatchObject({ isError: true, _meta: { 'intercept/decision': { code: 'not_available' } } })
  }
  const codes = (await gateway.decisions()).slice(-3).map(({ code, identity }) => [code, identity])
  expect(codes).toEqual([
    ['hidden', 'narrow'],
    ['no_grant', 'narrow'],
    ['no_grant', 'narrow'],
  ])
  expect(textOf(await client.callTool({ name: 'echo', arguments: {} }))).toMatch(/Tool "echo" is not available/)
})

test('resources and prompts go by their prefix, in lists, reads, results, completions and notifications', async () => {
  const client = await connect()
  const { resources } = await client.listResources()
  expect(resources.map(({ uri }) => uri)).toEqual(
    expect.arrayContaining(['alpha+note://open/1', 'beta+note://open/1', 'pages+page:///one']),
  )
  const { resourceTemplates } = await client.listResourceTemplates()
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain('pages+page:///{name}')
  const read = await client.readResource({ uri: 'pages+page:///one' })
  expect(read.contents).toEqual([{ uri: 'pages+page:///one', text: 'read page:///one' }])
  const { content } = await client.callTool({ name: 'pages__two', arguments: {} })
  expect(content).toEqual([
    { type: 'text', text: 'two' },
    { type: 'resource_link', uri: 'pages+page:///two', name: 'two' },
    { type: 'resource', resource: { uri: 'pages+page:///two', text: 'inside' } },
  ])
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toContain('pages__greet')
  expect((await client.getPrompt({ name: 'pages__greet' })).messages[0]?.content).toMatchObject({ text: 'greet' })
  const argument = { name: 'who', value: '' }
  const completed = await client.complete({ ref: { type: 'ref/prompt', name: 'pages__greet' }, argument })
  expect(completed.completion.values).toEqual(['greet'])
  const updated: string[] = []
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri))
  await client.subscribeResource({ uri: 'pages+page:///one' })
  await until(() => updated.includes('pages+page:///one'))
})

test('two servers that ask under one id each get their own answer', async () => {
  const client = await connect()
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
    const [first] = params.messages
    const { text } = (first?.content ?? {}) as { text: string }
    // The first to be asked answers last.
    await new Promise(resolve => setTimeout(resolve, text === 'a' ? 300 : 0))
    return { model: 'm', role: 'assistant', content: { type: 'text', text: `for ${text}` } }
  })
  const answers = await Promise.all(
    ['alpha', 'beta'].map(slug => client.callTool({ name: `${slug}__ask`, arguments: { prompt: slug[0] } })),
  )
  expect(answers.map(textOf)).toEqual(['for a', 'for b'])
})

test('a server that asks without end leaves the others their questions', async () => {
  const client = await connect()
  let release: () => void = () => undefined
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
    const { text } = (params.messages[0]?.content ?? {}) as { text: string }
    if (text === 'held') await held
    return { model: 'm', role: 'assistant', content: { type: 'text', text: `for ${text}` } }
  })
  const ask = async (slug: string, prompt: string) =>
    textOf(await client.callTool({ name: `${slug}__ask`, arguments: { prompt } }))
  const many = Array.from({ length: 40 }, () => ask('alpha', 'held'))
  expect(await Promise.race(many)).toMatch(/too many requests under way/)
  expect(await ask('beta', 'b')).toBe('for b')
  release()
  const answers = await Promise.all(many)
  expect(answers.filter(answer => answer === 'for held')).toHaveLength(32)
})

test('progress, logs and cancellations find their way', async () => {
  const client = await connect()
  const steps: number[] = []
  const onprogress = ({ progress }: { progress: number }) => void steps.push(progress)
  await client.callTool({ name: 'beta__progress', arguments: {} }, undefined, { onprogress })
  expect(steps).toEqual([1, 2])
  const logs: unknown[] = []
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params.data))
  await client.setLoggingLevel('warning')
  await until(() => logs.includes('level warning'))
  const abort = new AbortController()
  const slow = client.callTool({ name: 'alpha__slow', arguments: { ms: 60_000 } }, undefined, { signal: abort.signal })
  const cut = expect(slow).rejects.toThrow(/enough/)
  await new Promise(resolve => setTimeout(resolve, 200))
  abort.abort('enough')
  await cut
})

test('a server that is broken or slow hides no other, and is listed when it has listed', async () => {
  await gateway.add(paged('broken', 'broken'), { isApproved: false })
  await gateway.add(paged('slow', 'slow'))
  PATIENCE.listMs = 2_500
  const servers = ['alpha', 'beta', 'broken', 'pages', 'slow'].map(server => ({ server }))
  const client = await connect(null, await gateway.newKey('patient', servers))
  let changes = 0
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++)
  const { tools } = await client.listTools()
  const slugs = new Set(tools.map(({ name }) => name.split('__')[0]))
  expect(slugs).toEqual(new Set(['alpha', 'beta', 'pages']))
  await until(() => changes > 0, 10_000)
  PATIENCE.listMs = 10_000
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('slow__one')
  await expect(client.callTool({ name: 'broken__one', arguments: {} })).rejects.toThrow(/broken/)
  // What died comes back with the next call, and takes nothing with it.
  await expect(client.callTool({ name: 'beta__end', arguments: {} })).rejects.toThrow(/ended/)
  expect(textOf(await client.callTool({ name: 'alpha__echo', arguments: { text: 'well' } }))).toBe('well')
  await until(() =>
    client.callTool({ name: 'beta__echo', arguments: { text: 'x' } }).then(
      () => true,
      () => false,
    ),
  )
})

test('a grant that comes or goes changes what an open session has, and the client is told', async () => {
  const key = await gateway.newKey('moving', [{ server: 'alpha', tools: ['echo'] }])
  const client = await connect(null, key)
  expect((await allTools(client)).map(({ name }) => name)).toEqual(['alpha__echo'])
  let changes = 0
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++)
  const { id } = await addGrant(seedActor, { identity: 'moving', server: 'beta', tools: ['echo'] })
  await until(() => changes === 1)
  expect((await allTools(client)).map(({ name }) => name)).toEqual(['alpha__echo', 'beta__echo'])
  expect(textOf(await client.callTool({ name: 'beta__echo', arguments: { text: 'in' } }))).toBe('in')
  await revokeGrant(seedActor, { id })
  await until(() => changes === 2)
  expect(textOf(await client.callTool({ name: 'beta__echo', arguments: { text: 'out' } }))).toContain('not available')
  expect(textOf(await client.callTool({ name: 'alpha__echo', arguments: { text: 'in' } }))).toBe('in')
})

test('the address takes keys only, and a session is found only where it was begun', async () => {
  const url = new URL('/mcp', gateway.url('x'))
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  }
  const post = (to: URL, body: object, headers: Record<string, string> = {}) =>
    fetch(to, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    })
  expect((await post(url, initialize)).status).toBe(401)
  const authorization = `Bearer ${gateway.key}`
  const begun = await post(url, initialize, { authorization })
  const session = { authorization, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  expect((await post(url, list, session)).status).toBe(200)
  expect((await post(new URL(gateway.url('alpha')), list, session)).status).toBe(404)
  const wrong = await post(url, { ...list, id: 2, params: { cursor: 'bm9uZQ' } }, session)
  expect(await wrong.json()).toMatchObject({ error: { code: -32602 } })
  expect((await fetch(url, { method: 'DELETE', headers: session })).status).toBe(200)
  expect((await post(url, list, session)).status).toBe(404)
})
