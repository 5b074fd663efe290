import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import {
  CreateMessageRequestSchema,
  ResourceListChangedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { silentLog } from '@/proxy/log'
import { startProxy } from '@/proxy/proxy'
import { type Cuttable, cuttable } from '@/proxy/testing/cuttable'
import { type Gateway, startGateway, until } from '@/proxy/testing/gateway'

// What a client that speaks stdio only gets of the proxy: everything, by the real command, a real proxy and a real child.
const COMMAND = path.resolve(import.meta.dirname, '../intercept.mjs')
const policy = 'default: allow\ntools:\n  fail:\n    rules: [{ name: no, action: deny, reason: Not that. }]\n'
const MESSAGE = { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'the answer' } }

let gateway: Gateway
let line: Cuttable
const clients: Client[] = []

beforeAll(async () => {
  gateway = await startGateway({ policy, tools: ['*', 'server/*', 'resources/*', 'prompts/*'] })
  line = await cuttable(gateway.url())
})
afterEach(() => Promise.all(clients.splice(0).map(client => client.close())))
afterAll(async () => {
  await line.close()
  await gateway.stop()
})

const textOf = (result: unknown) => (result as { content: [{ text: string }] }).content[0].text
const addressOf = (url: string) => new URL(url).origin
const sessions = async () =>
  Number(/^intercept_sessions (\d+)$/m.exec(await (await fetch(new URL('/metrics', gateway.url()))).text())?.[1])

interface Connected {
  client: Client
  said(): string
}

async function connect(url = gateway.url(), slugs = ['fixture']): Promise<Connected> {
  const client = new Client({ name: 'desktop', version: '1' }, { capabilities: { sampling: {} } })
  client.setRequestHandler(CreateMessageRequestSchema, () => MESSAGE)
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [COMMAND, 'connect', ...slugs, '--url', addressOf(url)],
    env: { PATH: process.env.PATH ?? '', INTERCEPT_KEY: gateway.key },
    stderr: 'pipe',
  })
  let said = ''
  transport.stderr?.on('data', chunk => {
    said += chunk
  })
  await client.connect(transport)
  clients.push(client)
  return { client, said: () => said }
}

async function run(words: string[], input: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [COMMAND, 'connect', ...words], {
    env: { PATH: process.env.PATH, ...env } as never,
  })
  const outcome = { code: null as number | null, stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    outcome.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    outcome.stderr += chunk
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { ...outcome, code }
}

test('lists, answers and refusals are those of the proxy', async () => {
  const [{ client }, direct] = [await connect(), await gateway.connect()]
  clients.push(direct)
  for (const ask of ['listTools', 'listResources', 'listPrompts'] as const)
    expect(await client[ask]()).toEqual(await direct[ask]())
  expect(textOf(await client.callTool({ name: 'echo', arguments: { text: 'a\u2028b\nc' } }))).toBe('a\u2028b\nc')
  const refused = await client.callTool({ name: 'fail' })
  expect(textOf(refused)).toBe('[INTERCEPT POLICY DENIED] Not that.')
  await expect(client.callTool({ name: 'refuse' })).rejects.toMatchObject({ code: -32050 })
})

test('without a slug it leads to all servers at once', async () => {
  const { client } = await connect(gateway.url(), [])
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('fixture__echo')
  expect(textOf(await client.callTool({ name: 'fixture__echo', arguments: { text: 'one of all' } }))).toBe('one of all')
})

test('requests and notifications of the server reach the client', async () => {
  const { client } = await connect()
  const changes: string[] = []
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void changes.push('resources'))
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes.push('tools'))
  expect(textOf(await client.callTool({ name: 'ask', arguments: { prompt: 'well?' } }))).toBe('the answer')
  await client.callTool({ name: 'announce' })
  await until(() => changes.includes('resources'))
  await gateway.publish(policy.replace('Not that.', 'Not this.'))
  await until(() => changes.includes('tools'))
})

test('calls run side by side, and a cancellation reaches the child', async () => {
  const { client } = await connect()
  const abort = new AbortController()
  const slow = client.callTool({ name: 'slow', arguments: { ms: 60_000 } }, undefined, { signal: abort.signal })
  const cut = expect(slow).rejects.toThrow(/enough/)
  expect(textOf(await client.callTool({ name: 'echo', arguments: { text: 'meanwhile' } }))).toBe('meanwhile')
  abort.abort('enough')
  await cut
  await until(() => gateway.rawCalls().includes('notifications/cancelled'))
})

test('the end of standard input ends the session at the proxy, and the command', async () => {
  const before = await sessions()
  const { client } = await connect()
  expect(await sessions()).toBe(before + 1)
  await client.close()
  clients.splice(0)
  expect(await sessions()).toBe(before)
})

test('an answer is taken up again where its connection broke off', async () => {
  const { client } = await connect(line.url(gateway.url()))
  client.setRequestHandler(CreateMessageRequestSchema, async () => {
    line.cut()
    line.mend()
    return MESSAGE
  })
  expect(textOf(await client.callTool({ name: 'ask', arguments: { prompt: 'still there?' } }))).toBe('the answer')
  // The stream of the session is taken up again too.
  let changes = 0
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void changes++)
  await client.callTool({ name: 'announce' })
  await until(() => changes === 1)
})

test('a session that the proxy has lost is begun anew, and the client is told to look again', async () => {
  const { client, said } = await connect()
  let changes = 0
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++)
  const { port } = gateway.proxy
  await gateway.proxy.stop()
  await expect(client.callTool({ name: 'echo', arguments: { text: 'x' } })).rejects.toThrow(/No proxy listens at http/)
  gateway.proxy = await startProxy({ ...gateway.settings, port }, silentLog)
  expect(textOf(await client.callTool({ name: 'echo', arguments: { text: 'again' } }))).toBe('again')
  await until(() => changes === 1)
  expect(said()).toContain('a new one was begun')
})

const initialize =
  '{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}\n'

test('one message after the other on a pipe is answered before the command ends', async () => {
  const list = '{"jsonrpc":"2.0","id":"l","method":"tools/list"}\n'
  const twice = '{"jsonrpc":"2.0","id":8,"id":18,"method":"tools/list"}\n'
  const url = addressOf(gateway.url())
  const progress =
    '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"progress","_meta":{"progressToken":0}}}\n'
  const { code, stdout } = await run(
    ['fixture', '--url', url, '--key', gateway.key],
    initialize + twice + list + progress,
  )
  const answers = stdout
    .trim()
    .split('\n')
    .map(text => JSON.parse(text))
  expect(answers).toContainEqual(expect.objectContaining({ id: 'l', result: expect.objectContaining({}) }))
  expect(answers.find(({ id }) => id === 18).error.message).toMatch(/^Malformed message: /)
  const ofProgress = answers.filter(({ id, method }) => id === 9 || method === 'notifications/progress')
  expect(ofProgress.map(({ params, result }) => params?.progress ?? result.content[0].text)).toEqual([1, 2, 'done'])
  expect(code).toBe(0)
})

test.each([
  ['a key of nobody', ['fixture'], { INTERCEPT_KEY: `ik_abcdefgh_${'x'.repeat(43)}` }, 1, /does not accept this key/],
  ['a server that is not there', ['nowhere'], {}, 1, /There is no server "nowhere" here/],
  ['no key', ['fixture'], { INTERCEPT_KEY: '' }, 2, /A key is needed/],
  ['a slug that is none', ['No Slug'], {}, 2, /is no server slug/],
  ['a proxy that is not there', ['fixture', '--url', 'http://127.0.0.1:9'], {}, 1, /No proxy listens at http:\/\/127/],
  ['an address that is none', ['fixture', '--url', 'localhost:4000'], {}, 2, /is no address of a proxy/],
])('%s: the reason and what to do, on standard error', async (_what, words, env, code, message) => {
  const all = [...words, ...(words.includes('--url') ? [] : ['--url', addressOf(gateway.url())])]
  const outcome = await run(all, initialize, { INTERCEPT_KEY: gateway.key, ...env })
  expect(outcome.stderr).toMatch(message)
  expect(outcome.code).toBe(code)
  if (code === 1)
    expect(JSON.parse(outcome.stdout)).toMatchObject({ id: 7, error: { message: expect.stringMatching(message) } })
  expect(outcome.stderr + outcome.stdout).not.toContain('ik_abcdefgh')
})
