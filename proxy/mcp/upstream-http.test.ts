import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { EnforcedServer } from '../enforcement'
import { silentLog } from '../log'
import { until } from '../testing/gateway'
import type { Message, RequestId } from './messages'
import type { Upstream, UpstreamFailure } from './upstream'
import { UpstreamRefused } from './upstream'
import { Upstreams } from './upstreams'

// The leg to servers over HTTP, against a server that misbehaves on demand.
type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void

let behave: Behaviour = () => undefined
let seen: { method: string; headers: IncomingMessage['headers']; body: string }[] = []
const server = createServer((request, response) => {
  let body = ''
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    seen.push({ method: request.method ?? '', headers: request.headers, body })
    behave(request, response, body)
  })
})
let url = ''
const upstreams = new Upstreams({ secret: 'x'.repeat(40), searchPath: '' }, silentLog)

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?tenant=1`
})
afterEach(() => {
  seen = []
})
afterAll(async () => {
  await upstreams.close()
  server.closeAllConnections()
  server.close()
})

const settings = (change: Partial<EnforcedServer> = {}): EnforcedServer => ({
  id: '00000000-0000-7000-8000-000000000000',
  slug: 'remote',
  transport: 'http',
  command: [],
  url,
  allowPrivate: true,
  sealed: null,
  drift: 'block',
  argumentsKept: 'masked',
  tools: new Map(),
  policies: [],
  ...change,
})

interface Heard {
  readonly messages: { message: Message; text: string; related: RequestId | null }[]
  readonly failures: [RequestId, UpstreamFailure][]
  readonly leg: Upstream
}

function open(change?: Partial<EnforcedServer>): Heard {
  const messages: Heard['messages'] = []
  const failures: Heard['failures'] = []
  const leg = upstreams.open(settings(change), 'identity', {
    onMessage: (message, text, related) => messages.push({ message, text, related }),
    onFailure: (id, failure) => failures.push([id, failure]),
    onClose: () => undefined,
  })
  return { messages, failures, leg }
}

const answer = (id: RequestId, result = '{}') => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`
const json = (response: ServerResponse, text: string, headers = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text)
const events = (response: ServerResponse, headers = {}) =>
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
const ask = '{"jsonrpc":"2.0","id":1,"method":"tools/call"}'

test('a JSON answer comes back on its request, byte for byte, and the session id goes along from then on', async () => {
  behave = (_request, response) =>
    json(response, answer(1, '{"n":9007199254740993,"e":1e2}'), { 'mcp-session-id': 'upstream-1' })
  const { leg, messages } = open()
  leg.send(ask, 1)
  await until(() => messages.length === 1)
  expect(messages[0]).toMatchObject({ text: answer(1, '{"n":9007199254740993,"e":1e2}'), related: 1 })
  leg.send(ask, 1)
  await until(() => seen.length === 2)
  expect(seen.map(({ headers }) => headers['mcp-session-id'])).toEqual([undefined, 'upstream-1'])
  behave = (_request, response) => response.writeHead(200).end()
  await leg.close()
  expect(seen.at(-1)).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 'upstream-1' } })
})

test('events come one by one on the request whose stream they are on, however the stream is cut', async () => {
  const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"text":"é💥"}}'
  const stream = `: hello\r\n\r\nevent: message\r\nid: 1\r\ndata: ${progress}\r\n\r\ndata: {"jsonrpc":"2.0",\ndata: "id":7,"result":{}}\n\n`
  behave = async (_request, response) => {
    events(response)
    for (const byte of Buffer.from(stream)) {
      response.write(Buffer.of(byte))
      if (byte === 13) await new Promise(resolve => setImmediate(resolve))
    }
    response.end()
  }
  const { leg, messages } = open()
  leg.send(ask, 7)
  await until(() => messages.length === 2)
  expect(messages.map(({ text, related }) => [text, related])).toEqual([
    [progress, 7],
    ['{"jsonrpc":"2.0","id":7,"result":{}}', 7],
  ])
})

test('a stream that ends before the answer is taken up again where it was', async () => {
  behave = (request, response) => {
    if (request.method === 'POST') events(response).end('id: 41\nretry: 20\ndata: \n\n')
    else events(response).end(`id: 42\ndata: ${answer(3)}\n\n`)
  }
  const { leg, messages, failures } = open()
  leg.send(ask, 3)
  await until(() => messages.length === 1)
  expect(seen[1]).toMatchObject({ method: 'GET', headers: { 'last-event-id': '41' } })
  expect(messages[0]?.related).toBe(3)
  expect(failures).toEqual([])
})

const failing: [what: string, behaviour: Behaviour, says: RegExp, more?: Partial<UpstreamFailure>][] = [
  [
    'a redirect',
    (_, response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
    /redirect/,
    { status: 307 },
  ],
  [
    'refused credentials',
    (_, response) => response.writeHead(401, { 'www-authenticate': 'Bearer realm="secret"' }).end('secret'),
    /credentials/,
    { status: 401 },
  ],
  ['a fault', (_, response) => response.writeHead(502).end('<html>'), /HTTP 502/, { status: 502 }],
  [
    'compression',
    (_, response) => json(response, gzipSync(answer(1)) as unknown as string, { 'content-encoding': 'gzip' }),
    /compressed/,
  ],
  ['no answer in a stream', (_, response) => events(response).end(), /before it was complete/],
  ['no JSON', (_, response) => json(response, 'nonsense'), /before it was complete/],
  ['a cut connection', (_, response) => response.socket?.destroy(), /closed the connection before it answered/],
  [
    'more than fits',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, 32)));
      }
      response.on('drain', more)
      more()
    },
    /more than/,
  ],
  [
    'an endless event',
    (_, response) => {
      events(response)
      const more = () => {
        while (!response.destroyed && response.write(`data: ${'x'.repeat(1 << 20)}`));
      }
      response.on('drain', more)
      more()
    },
    /more than/,
  ],
]
test.each(failing)(
  '%s is a failure that says so, and what was sent counts as sent',
  async (_what, behaviour, says, more = {}) => {
    behave = behaviour
    const { leg, failures, messages } = open()
    leg.send(ask, 1)
    await until(() => failures.length === 1)
    expect(messages).toEqual([])
    expect(failures[0]).toMatchObject([1, { wasSent: true, ...more }])
    expect(failures[0]?.[1].message).toMatch(says)
    expect(failures[0]?.[1].message).not.toMatch(/secret|127\.0\.0\.1/)
  },
)

test('nobody there: nothing was sent', async () => {
  const { leg, failures } = open({ url: 'http://127.0.0.1:1/mcp' })
  leg.send(ask, 1)
  await until(() => failures.length === 1)
  expect(failures[0]?.[1]).toMatchObject({ wasSent: false })
})

test('a session that the server has forgotten is lost', async () => {
  behave = (_, response) => json(response, answer(1), { 'mcp-session-id': 's' })
  const { leg, failures, messages } = open()
  leg.send(ask, 1)
  await until(() => messages.length === 1)
  behave = (_, response) => response.writeHead(404).end()
  leg.send(ask, 2)
  await until(() => failures.length === 1)
  expect(failures[0]?.[1].isSessionLost).toBe(true)
})

test('the stream of the session opens once the version is settled, and what comes on it belongs to no request', async () => {
  behave = (request, response) => {
    if (request.method === 'GET')
      events(response).write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n')
    else json(response, answer(1))
  }
  const { leg, messages } = open()
  leg.settle('2025-06-18')
  await until(() => messages.length === 1)
  expect(messages[0]?.related).toBeNull()
  expect(seen[0]?.headers['mcp-protocol-version']).toBe('2025-06-18')
  await leg.close()
})

test.each([
  ['http://10.0.0.1/mcp', true],
  ['https://169.254.169.254/mcp', true],
  ['https://10.0.0.1/mcp', false],
  ['http://127.0.0.1:9/mcp', false],
  ['https://[::1]/mcp', false],
])('%s is not called (private allowed: %s)', (address, allowPrivate) => {
  expect(() => open({ url: address, allowPrivate })).toThrow(UpstreamRefused)
})

test('a name that resolves to this machine is not called unless that is allowed', async () => {
  const { leg, failures } = open({ url: 'https://localhost:1/mcp', allowPrivate: false })
  leg.send(ask, 1)
  await until(() => failures.length === 1)
  expect(failures[0]?.[1]).toMatchObject({ wasSent: false })
})
