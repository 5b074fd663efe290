import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import type { ModernClient } from './modern-client'
import { fileOf, serversFolder, thirdPartyProblem } from './third-party'

// The two commands that speak on standard input and output, against the server that they lead to.
const problem = thirdPartyProblem()
const COMMAND = path.resolve('cli/intercept.mjs')
const older = path.join(serversFolder, 'conformance-fixture.mjs')
const newer = path.join(serversFolder, 'modern-fixture.mjs')

let gateway: Gateway
let folder = ''
const connectTo = (slug: string) => [COMMAND, 'connect', slug, '--url', new URL(gateway.url('x')).origin]
const runBefore = (...words: string[]) => [
  COMMAND,
  'run',
  '--policy',
  path.join(folder, 'p.yaml'),
  '--',
  'node',
  ...words,
]

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-doors-'))
  writeFileSync(path.join(folder, 'p.yaml'), 'default: allow\ntools: {}\n')
  gateway = await startGateway([
    { slug: 'older', command: ['node', older, 'stdio'] },
    { slug: 'newer', command: ['node', newer, 'stdio'] },
  ])
})
afterAll(async () => {
  await gateway.stop()
  rmSync(folder, { recursive: true })
})

type Message = Record<string, unknown> & { id?: unknown; method?: string }

/** What a server says of itself and answers to each of its tools, message by message, as raw JSON. */
async function conversation(words: string[]): Promise<Record<string, Message[]>> {
  const child = spawn(process.execPath, words, { env: { ...process.env, INTERCEPT_KEY: gateway.key }, stdio: 'pipe' })
  const exited = once(child, 'exit')
  const heard: Message[] = []
  const waiting = new Map<unknown, () => void>()
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  let rest = ''
  child.stdout.on('data', chunk => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const message of lines.map(line => JSON.parse(line) as Message)) {
      heard.push(message)
      if (message.method && message.id !== undefined) send({ id: message.id, ...answerTo(message.method) })
      else if (message.id !== undefined) waiting.get(message.id)?.()
    }
  })
  const said: Record<string, Message[]> = {}
  const ask = async (id: string, method: string, params: object = {}) => {
    heard.length = 0
    const answered = new Promise<void>(resolve => waiting.set(id, resolve))
    send({ id, method, params })
    await answered
    said[id] = heard.splice(0)
    return said[id].find(message => message.id === id) as { result: { tools: { name: string }[] } }
  }
  const capabilities = { sampling: {}, elicitation: {}, roots: {} }
  await ask('initialize', 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities,
    clientInfo: { name: 'c', version: '1' },
  })
  send({ method: 'notifications/initialized' })
  const { result } = await ask('tools', 'tools/list')
  for (const list of ['resources/list', 'resources/templates/list', 'prompts/list']) await ask(list, list)
  for (const { name } of result.tools)
    await ask(name, 'tools/call', {
      name,
      arguments: { a: 2, b: 3, prompt: 'p', message: 'm' },
      _meta: { progressToken: 0 },
    })
  child.stdin.end()
  expect(await exited).toEqual([0, null])
  return said
}

function answerTo(method: string): object {
  if (method === 'sampling/createMessage')
    return { result: { role: 'assistant', model: 'm', content: { type: 'text', text: 'sampled' } } }
  if (method === 'elicitation/create') return { result: { action: 'decline' } }
  return { result: method === 'roots/list' ? { roots: [] } : {} }
}

/** Without what may differ: ids that servers make, times, and what the proxy itself says when definitions were pinned. */
function comparable(said: Record<string, Message[]>): Record<string, string[]> {
  const own = (message: Message) => message.method !== 'notifications/tools/list_changed'
  const text = ({ id: _id, ...message }: Message) =>
    JSON.stringify(message).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
  return Object.fromEntries(Object.entries(said).map(([id, messages]) => [id, messages.filter(own).map(text).sort()]))
}

test.each(['connect', 'run'])(
  '%s carries every message of the conformance server',
  { timeout: 120_000 },
  async door => {
    const direct = comparable(await conversation([older, 'stdio']))
    const words = door === 'connect' ? connectTo('older') : runBefore(older, 'stdio')
    const through = comparable(await conversation(words))
    expect(Object.keys(through).length).toBeGreaterThan(20)
    // The proxy tells clients of changed lists itself.
    const announced = ({ initialize: _initialize, ...rest }: Record<string, string[]>) => rest
    expect(announced(through)).toEqual(announced(direct))
  },
)

describe.skipIf(problem)(`a client of the SDK's second generation ${problem}`, () => {
  async function connectModern(words: string[]): Promise<ModernClient> {
    const load = (file: string) => import(pathToFileURL(fileOf(`@modelcontextprotocol/client/dist/${file}`)).href)
    const [{ Client }, { StdioClientTransport }] = await Promise.all([load('index.mjs'), load('stdio.mjs')])
    const client: ModernClient = new Client(
      { name: 'second', version: '2' },
      { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
    )
    const env = { PATH: process.env.PATH, INTERCEPT_KEY: gateway.key }
    await client.connect(new StdioClientTransport({ command: process.execPath, args: words, env, stderr: 'ignore' }))
    return client
  }

  test.each([
    ['connect, to a server of both protocols', () => connectTo('newer'), '2026-07-28'],
    ['connect, to an older server', () => connectTo('older'), '2025-11-25'],
    ['run, which speaks the protocol with sessions', () => runBefore(older, 'stdio'), '2025-11-25'],
  ])('%s', { timeout: 60_000 }, async (_what, words, version) => {
    const client = await connectModern(words())
    expect(client.getNegotiatedProtocolVersion()).toBe(version)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('test_simple_text')
    const result = await client.callTool({ name: 'test_simple_text', arguments: {} })
    expect(result.content?.[0]?.text).toBe('This is a simple text response for testing.')
    await client.close()
  })
})
