import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from './log'
import { frameOf, readClientMessage } from './mcp/messages'
import { traceHeaders, traceOf, withTrace } from './mcp/trace-context'
import { Upstreams } from './mcp/upstreams'
import { type Gateway, startGateway, until } from './testing/gateway'

// W3C Trace Context, from the agent into the record and on to the server.
const ID = '0af7651916cd43dd8448eb211c80319c'
const PARENT = `00-${ID}-b7ad6b7169203331-01`

test.each([
  [PARENT, ID],
  [`cc-${ID}-b7ad6b7169203331-01-what-comes-later`, ID],
  [`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, null],
  [`00-${ID}-${'0'.repeat(16)}-01`, null],
  [`ff-${ID}-b7ad6b7169203331-01`, null],
  [`00-${ID.toUpperCase()}-b7ad6b7169203331-01`, null],
  [`${PARENT}\r\nx-evil: 1`, null],
  [`00-${ID}`, null],
  [7, null],
])('the trace id of %j is %j', (traceparent, id) => {
  expect(traceOf({ _meta: { traceparent } })).toBe(id)
  expect(traceHeaders({ _meta: { traceparent } })).toEqual(id ? { traceparent } : {})
})

const read = (text: string) => {
  const message = readClientMessage(text)
  if (message.kind === 'malformed') throw new Error(message.problem)
  return message
}
const call = (meta: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"n":1.0}${meta}}}`

test.each<[what: string, body: string, headers: IncomingHttpHeaders, expected: string]>([
  ['a header goes into _meta', call(''), { traceparent: PARENT }, call(`,"_meta":{"traceparent":"${PARENT}"}`)],
  [
    'with its state, beside what was there',
    call(',"_meta":{"a":1}'),
    { traceparent: PARENT, tracestate: 'v=1' },
    call(`,"_meta":{"a":1,"traceparent":"${PARENT}","tracestate":"v=1"}`),
  ],
  [
    'what _meta says wins',
    call(',"_meta":{"traceparent":"mine"}'),
    { traceparent: PARENT },
    call(',"_meta":{"traceparent":"mine"}'),
  ],
  ['a header that is none is left out', call(''), { traceparent: 'x' }, call('')],
  ['state alone is left out', call(''), { tracestate: 'v=1' }, call('')],
  ['a _meta that is no object stays', call(',"_meta":3'), { traceparent: PARENT }, call(',"_meta":3')],
])('%s', (_what, body, headers, expected) => {
  expect(frameOf(withTrace(read(body), headers).body)).toBe(expected)
})

describe('through the proxy', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway.stop())

  test('a trace that comes in a header stands in the record and reaches a server over stdio', async () => {
    const begun = await gateway.post(
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
    )
    const session = begun.headers.get('mcp-session-id') ?? ''
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}'
    await (await gateway.post(body, { 'mcp-session-id': session, traceparent: PARENT })).text()
    expect(gateway.calls()).toMatchObject([{ name: 'echo', _meta: { traceparent: PARENT } }])
    const [row] = await gateway.decisions()
    expect(row).toMatchObject({ tool: 'echo', trace_id: ID })
  })
})

test('a server over HTTP hears of the trace in its own headers too, and they replace none of ours', async () => {
  const seen: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    response.writeHead(202).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const upstreams = new Upstreams({ secret: 'x'.repeat(40), searchPath: '' }, silentLog)
  const leg = upstreams.open(
    {
      id: 'i',
      slug: 's',
      transport: 'http',
      command: [],
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      allowPrivate: true,
      sealed: null,
      drift: 'block',
      argumentsKept: 'masked',
      tools: new Map(),
      policies: [],
    },
    'identity',
    { onMessage: () => undefined, onFailure: () => undefined, onClose: () => undefined },
  )
  leg.send('{}', 1, { traceparent: PARENT, accept: 'text/evil' })
  leg.send('{}', 2)
  await until(() => seen.length === 2)
  expect(seen.map(({ traceparent }) => traceparent)).toEqual(expect.arrayContaining([PARENT, undefined]))
  expect(seen.every(({ accept }) => accept === 'application/json, text/event-stream')).toBe(true)
  await upstreams.close()
  server.close()
})
