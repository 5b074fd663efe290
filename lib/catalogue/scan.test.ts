import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ScanTarget, scanUpstream } from './scan'

/** Not by signal 0, which a process that nobody has reaped still takes. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const odd = path.join(import.meta.dirname, 'testdata/odd-server.mjs')
const stdio = (behaviour: string, environment: Record<string, string> = {}): ScanTarget => ({
  slug: 'odd',
  transport: 'stdio',
  command: ['node', odd, behaviour],
  url: null,
  allowPrivate: false,
  credentials: { environment, headers: {} },
})

test('the real mistral-mcp lists its eight tools without a key', async () => {
  const scan = await scanUpstream({ ...stdio(''), command: ['node', 'node_modules/mistral-mcp/dist/index.js'] })
  expect(scan.tools.map(tool => (tool as { name: string }).name)).toEqual([
    'mistral_chat',
    'codestral_fim',
    'mistral_vision',
    'mistral_ocr',
    'voxtral_transcribe',
    'workflow_execute',
    'workflow_status',
    'workflow_interact',
  ])
  expect(scan.serverInfo).toMatchObject({ name: 'mistral-mcp', version: '0.8.2' })
})

test('all pages are joined, and every field is kept as it was sent', async () => {
  const scan = await scanUpstream(stdio('pages'))
  expect(scan.tools).toEqual([
    { name: 'get_one', inputSchema: { type: 'object' }, 'x-vendor': { kept: true } },
    { name: 'get_two', inputSchema: { type: 'object' } },
  ])
  expect(scan.instructions).toBe('Be odd.')
})

test('a server of the protocol without sessions alone is listed like any other', async () => {
  expect(await scanUpstream(stdio('stateless'))).toEqual({
    tools: [
      { name: 'get_one', inputSchema: { type: 'object' }, 'x-vendor': { kept: true } },
      { name: 'get_two', inputSchema: { type: 'object' } },
    ],
    serverInfo: { name: 'odd', version: '2' },
    instructions: 'Be odder.',
  })
})

test('a server without tools has none', async () => {
  expect((await scanUpstream(stdio('toolless'))).tools).toEqual([])
})

test('the child gets its own variables and a clean rest', async () => {
  process.env.INTERCEPT_LEAK_PROBE = 'must not travel'
  const scan = await scanUpstream(stdio('environment', { API_KEY: 'sk-own' }))
  delete process.env.INTERCEPT_LEAK_PROBE
  const environment = JSON.parse((scan.tools[0] as { description: string }).description)
  expect(environment).toMatchObject({ API_KEY: 'sk-own', LANG: 'C.UTF-8', PATH: process.env.PATH, cwd: process.cwd() })
  expect(environment.HOME).toMatch(/intercept-scan-/)
  expect(Object.keys(environment).sort()).toEqual(['API_KEY', 'HOME', 'LANG', 'PATH', 'cwd', 'uid'])
})

test.runIf(process.getuid?.() === 0)('a scan by root starts the server as nobody, like a proxy', async () => {
  const scan = await scanUpstream(stdio('environment'))
  const { uid } = JSON.parse((scan.tools[0] as { description: string }).description)
  // A checkout that only root can enter leaves no other choice.
  expect([0, 65_534]).toContain(uid)
  if ((statSync(process.cwd()).mode & 0o001) !== 0) expect(uid).toBe(65_534)
})

test.runIf(existsSync('/proc/self/status'))('nothing that a server started outlives the scan', async () => {
  const scan = await scanUpstream(stdio('grandchild'))
  const pid = Number((scan.tools[0] as { description: string }).description)
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => isAlive(pid)).toBe(false)
})

const failures: [what: string, target: ScanTarget, says: RegExp][] = [
  [
    'a program that is not there',
    { ...stdio(''), command: ['no-such-program-here'] },
    /odd did not list its tools: no-such-program-here is no program on PATH/,
  ],
  ['a server that dies', stdio('crash'), /It wrote last:\ncannot start/],
  ['a server that says nothing', stdio('silent'), /no whole list within 1\.5 s\. It wrote last:\nwaiting for godot/],
  ['a line without an end', stdio('flood'), /line of more than/],
  ['a list without an end', stdio('endless'), /more than 100 pages/],
]
test.each(failures)('%s is told in a sentence', async (_what, target, says) => {
  await expect(scanUpstream(target, 1_500)).rejects.toThrow(says)
})

test('what a server writes is shown without its credentials', async () => {
  const failing = scanUpstream(stdio('crash', { API_KEY: 'sk-do-not-show' }))
  await expect(failing).rejects.toThrow(/API_KEY=\[sealed\]/)
})

// A minimal Streamable HTTP server; it keeps what it was sent.
let web: Server
let origin: string
const received: IncomingMessage[] = []
beforeAll(async () => {
  web = createServer(async (request, response) => {
    received.push(request)
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.url === '/moved') return response.writeHead(307, { location: `${origin}/mcp` }).end()
    if (request.method !== 'POST') return response.writeHead(405).end()
    const { id, method, params } = JSON.parse(body)
    if (id === undefined) return response.writeHead(202).end()
    const result =
      method === 'initialize'
        ? {
            protocolVersion: params.protocolVersion,
            capabilities: { tools: {} },
            serverInfo: { name: 'w', version: '1' },
          }
        : { tools: [{ name: 'get_one', inputSchema: { type: 'object' } }] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
})
afterAll(() => web.close())

const overHttp = (url: string, allowPrivate = true): ScanTarget => ({
  ...stdio(''),
  transport: 'http',
  url,
  allowPrivate,
  credentials: { environment: {}, headers: { Authorization: 'Bearer sk-upstream' } },
})

test('an http server is scanned with its own credential', async () => {
  const scan = await scanUpstream(overHttp(`${origin}/mcp`))
  expect(scan.tools).toEqual([{ name: 'get_one', inputSchema: { type: 'object' } }])
  expect(received.every(request => request.headers.authorization === 'Bearer sk-upstream')).toBe(true)
})

const closedDoors: [what: string, url: () => string, allowPrivate: boolean, says: RegExp][] = [
  ['loopback that was not allowed', () => `${origin}/mcp`, false, /refused: use https/],
  ['a private address', () => 'https://10.255.255.1/mcp', false, /private address/],
  ['a name that resolves to this machine', () => 'https://localhost:9443/mcp', false, /localhost is refused/],
  ['the metadata service', () => 'https://169.254.169.254/mcp', true, /no server may have/],
  ['a redirect', () => `${origin}/moved`, true, /redirect/],
]
test.each(closedDoors)('%s is not connected to', async (_what, url, allowPrivate, says) => {
  const before = received.length
  await expect(scanUpstream(overHttp(url(), allowPrivate), 5_000)).rejects.toThrow(says)
  expect(received.slice(before).every(request => request.url === '/moved')).toBe(true)
})

describe('a server over http without sessions', () => {
  let stateless: Server
  let address: string
  const asked: IncomingMessage[] = []
  beforeAll(async () => {
    stateless = createServer(async (request, response) => {
      asked.push(request)
      let body = ''
      for await (const chunk of request) body += chunk
      if (request.method !== 'POST') return response.writeHead(405).end()
      const { id, method, params } = JSON.parse(body)
      const say = (status: number, message: object) => {
        const isStream = request.url === '/stream' && status === 200
        const kind = isStream ? 'text/event-stream' : 'application/json'
        const text = JSON.stringify({ jsonrpc: '2.0', id, ...message })
        response.writeHead(status, { 'content-type': kind })
        if (!isStream) return response.end(text)
        // A notification first, and the stream stays open behind the answer.
        const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: {} })
        response.write(`event: message\ndata: ${note}\n\nevent: message\ndata: ${text}\n\n`)
      }
      if (params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== '2026-07-28')
        return say(400, { error: { code: -32_022, message: 'Unsupported protocol version' } })
      if (method === 'server/discover')
        return say(200, { result: { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } })
      say(200, { result: { tools: [{ name: 'get_one', inputSchema: { type: 'object' } }] } })
    })
    await new Promise<void>(resolve => stateless.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(stateless.address() as AddressInfo).port}`
  })
  afterAll(() => {
    stateless.closeAllConnections()
    stateless.close()
  })

  test.each(['/json', '/stream'])(
    '%s is listed with its own credential and the headers that it asks for',
    async place => {
      asked.length = 0
      const scan = await scanUpstream(overHttp(address + place))
      expect(scan.tools).toEqual([{ name: 'get_one', inputSchema: { type: 'object' } }])
      expect(asked.every(request => request.headers.authorization === 'Bearer sk-upstream')).toBe(true)
      expect(asked.at(-1)?.headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' })
    },
  )
})
