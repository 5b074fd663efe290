import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { endpointPath, SSE_BOUNDS } from '@/proxy/mcp/upstream-sse'
import { type Gateway, startGateway } from './gateway'
import { beginSession, type Message, post, saysOf } from './raw-client'

// A server of HTTP with SSE that means harm: with the address that it names for messages, with its stream, with its answers.
const MB = 1024 * 1024
const events = { 'content-type': 'text/event-stream' }
type Behave = (response: ServerResponse, request: IncomingMessage) => void
let gateway: Gateway
let behave: Behave
let onPost: (message: Message & { params?: unknown }, stream: ServerResponse | undefined) => void = () => undefined
let stream: ServerResponse | undefined
const posted: { path: string; key: unknown }[] = []
/** What came to another origin; nothing ever may. */
const strayed: string[] = []

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    stream = response
    return behave(response, request)
  }
  let body = ''
  for await (const chunk of request) body += chunk
  posted.push({ path: request.url ?? '', key: request.headers['x-api-key'] })
  response.writeHead(202).end()
  onPost(JSON.parse(body), stream)
})
const other = createServer((request, response) => {
  strayed.push(`${request.method} ${request.url}`)
  response.writeHead(200).end()
})
const listen = async (http: typeof server) => {
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  return (http.address() as AddressInfo).port
}
let port: number
let otherPort: number

beforeAll(async () => {
  port = await listen(server)
  otherPort = await listen(other)
  const upstream = {
    slug: 'hostile',
    url: `http://127.0.0.1:${port}/sse`,
    headers: { 'X-Api-Key': 'own' },
    isSse: true,
  }
  gateway = await startGateway([])
  await gateway.add(upstream, { isApproved: false })
})
afterAll(async () => {
  await gateway.stop()
  for (const http of [server, other]) {
    http.closeAllConnections()
    http.close()
  }
})
const bounds = { ...SSE_BOUNDS }
afterEach(() => {
  Object.assign(SSE_BOUNDS, bounds)
  posted.length = 0
  expect(strayed).toEqual([])
})

const event = (name: string, data: string) => `event: ${name}\ndata: ${data}\n\n`
const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
})
const begin = async () => {
  const accept = 'application/json, text/event-stream'
  const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', accept }
  return post(gateway.url('hostile'), initialize, headers)
}

const elsewhere: [what: string, endpoint: () => string][] = [
  ['another port', () => `http://127.0.0.1:${otherPort}/messages`],
  ['another name for the same place', () => `http://localhost:${port}/messages`],
  ['another scheme', () => `https://127.0.0.1:${port}/messages`],
  ['no scheme', () => `//127.0.0.1:${otherPort}/messages`],
  ['backslashes', () => `\\\\127.0.0.1:${otherPort}\\messages`],
  ['a user and a password', () => `http://user:word@127.0.0.1:${port}/messages`],
  ['the metadata service', () => 'http://169.254.169.254/latest/meta-data'],
  ['a tab inside the scheme', () => `ht\ttp://127.0.0.1:${otherPort}/messages`],
  ['a line break inside', () => `/messages\ndata: ?a=1`],
  ['a blank and a second request', () => '/messages HTTP/1.1 Host: evil'],
  ['a file', () => 'file:///etc/passwd'],
  ['nothing', () => ''],
  ['more than anybody needs', () => `/${'x'.repeat(4_000)}`],
]

test.each(elsewhere)('an address for messages with %s is refused, and nothing is sent there', async (_, endpoint) => {
  behave = response => response.writeHead(200, events).write(event('endpoint', endpoint()))
  expect(saysOf(await begin())).toMatch(/not its own; nothing was sent there/)
  expect(posted).toEqual([])
})

const streams: [what: string, behave: Behave, says: RegExp][] = [
  ['says nothing', response => response.writeHead(200, events).flushHeaders(), /did not say in time/],
  ['is no event stream', response => response.writeHead(200).end('hello'), /opened no event stream/],
  [
    'is a redirect',
    response => response.writeHead(307, { location: `http://127.0.0.1:${otherPort}/sse` }).end(),
    /redirect \(HTTP 307\), which is not followed/,
  ],
  [
    'is a challenge',
    response => response.writeHead(401, { 'www-authenticate': 'Bearer realm="x"' }).end(),
    /refused the credentials that this proxy holds/,
  ],
  ['ends before it says anything', response => response.writeHead(200, events).end(), /has ended/],
  [
    'comments without an end',
    response => {
      response.writeHead(200, events)
      const timer = setInterval(() => response.write(': \n'), 5)
      response.once('close', () => clearInterval(timer))
    },
    /did not say in time/,
  ],
  [
    'names its address without an end',
    response => {
      response.writeHead(200, events).write('event: endpoint\ndata: /')
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(MB)));
      }
      response.on('drain', pour)
      pour()
    },
    /has ended|did not say in time/,
  ],
]

test.each(streams)('a stream that %s begins no session', async (_, behaviour, says) => {
  SSE_BOUNDS.endpointMs = 500
  behave = behaviour
  expect(saysOf(await begin())).toMatch(says)
  expect(posted).toEqual([])
})

describe('with a session', () => {
  const result = (id: unknown, text: string) =>
    JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } })
  const info = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'h', version: '1' } }
  const serve = (answer: (message: Message, own: ServerResponse) => void) => {
    behave = response => response.writeHead(200, events).write(event('endpoint', '/messages?session=1'))
    onPost = (message, own) => {
      if (message.method === 'initialize')
        own?.write(event('message', JSON.stringify({ jsonrpc: '2.0', id: message.id, result: info })))
      else if (own && message.id !== undefined) answer(message, own)
    }
  }

  test('the first address holds, and messages cannot be moved elsewhere later', async () => {
    serve((message, own) => {
      own.write(event('endpoint', `http://127.0.0.1:${otherPort}/messages`))
      own.write(event('endpoint', '/elsewhere'))
      own.write(event('message', JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} })))
    })
    const session = await beginSession(gateway, 'hostile')
    for (const id of [1, 2]) await session.post(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }))
    expect(new Set(posted.map(({ path }) => path))).toEqual(new Set(['/messages?session=1']))
    expect(new Set(posted.map(({ key }) => key))).toEqual(new Set(['own']))
    await session.end()
  })

  test("answers under another's id, twice, in a batch or under another name reach nobody", async () => {
    serve((message, own) => {
      own.write(event('message', result('of another', 'forged')))
      own.write(event('message', `[${result(message.id, 'in a batch')}]`))
      own.write(event('other', result(message.id, 'under another name')))
      own.write(event('message', JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} })))
      own.write(event('message', result(message.id, 'a second time')))
    })
    const session = await beginSession(gateway, 'hostile')
    const pings = [1, 2, 3].map(id => session.post(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' })))
    const answers = (await Promise.all(pings)).flatMap(({ messages }) => messages)
    expect(answers.sort((a, b) => Number(a.id) - Number(b.id))).toEqual(
      [1, 2, 3].map(id => ({ jsonrpc: '2.0', id, result: {} })),
    )
    await session.end()
  })

  test('a message over several data lines is one frame for the client, without its line breaks', async () => {
    serve((message, own) => {
      const note =
        '{"jsonrpc":"2.0",\ndata: "method":"notifications/message",\ndata: "params":{"level":"info","data":"x"}}'
      own.write(`data: ${note}\n\n`)
      own.write(event('message', JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} })))
    })
    const session = await beginSession(gateway, 'hostile')
    const answer = await session.post('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    expect(answer.messages.map(({ method, id }) => method ?? id)).toEqual(['notifications/message', 1])
    await session.end()
  })

  test('an event without an end costs the session and no memory', async () => {
    serve((_message, own) => {
      own.write('data: ')
      const pour = () => {
        while (!own.destroyed && own.write('x'.repeat(MB)));
      }
      own.on('drain', pour)
      pour()
    })
    const session = await beginSession(gateway, 'hostile')
    const before = process.memoryUsage.rss()
    const ping = await session.post('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    expect(saysOf(ping)).toMatch(/event stream of the server has ended/)
    await expect.poll(async () => (await session.post('{"jsonrpc":"2.0","id":1,"method":"ping"}')).status).toBe(404)
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 * MB)
  })
})

test('what is no address for messages is none, whatever a lenient reader would make of it', () => {
  const base = new URL('https://old.example/v1/sse?key=1')
  expect(endpointPath('/m?session=1', base)).toBe('/m?session=1')
  expect(endpointPath('messages', base)).toBe('/v1/messages')
  expect(endpointPath('https://old.example:443/m', base)).toBe('/m')
  for (const other of ['https://old.example.evil/m', 'https://old.example@evil/m', 'javascript:1', '/m#x', '/m\u0085x'])
    expect(endpointPath(other, base)).toBeNull()
})
