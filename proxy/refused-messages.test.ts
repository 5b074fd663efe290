import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './testing/gateway'

// What is no single, unambiguous message is refused, recorded as `malformed`, and reaches nobody.
let gateway: Gateway
let session: Record<string, string>

const initialize =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}'

beforeAll(async () => {
  gateway = await startGateway({ tools: ['*', 'resources/*', 'prompts/*'] })
  const answer = await gateway.post(initialize)
  session = { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' }
})
afterAll(() => gateway.stop())

const call = (params: string) => `{"jsonrpc":"2.0","id":5,"method":"tools/call","params":${params}}`

const table: [what: string, body: string, status: number, says: RegExp][] = [
  ['a batch', `[${call('{"name":"echo","arguments":{"text":"x"}}')}]`, 400, /Batches/],
  ['half a message', '{"jsonrpc":', 400, /ends too early/],
  [
    'two messages',
    '{"jsonrpc":"2.0","id":1,"method":"ping"}\n{"jsonrpc":"2.0","id":2,"method":"ping"}',
    400,
    /after the end/,
  ],
  ['a doubled name', call('{"name":"secret","name":"echo","arguments":{"text":"x"}}'), 400, /stands twice/],
  [
    'a doubled name, once escaped',
    call('{"name":"secret","\\u006eame":"echo","arguments":{"text":"x"}}'),
    400,
    /stands twice/,
  ],
  ['a doubled argument', call('{"name":"echo","arguments":{"text":"x","text":"y"}}'), 400, /stands twice/],
  ['a doubled method', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', 400, /stands twice/],
  ['METHOD', '{"jsonrpc":"2.0","id":1,"METHOD":"tools/list"}', 400, /no member "METHOD"/],
  ['METHOD beside method', '{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/list"}', 400, /no member "METHOD"/],
  ['a member of its own', '{"jsonrpc":"2.0","id":1,"method":"ping","extra":1}', 400, /no member "extra"/],
  ['another JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, /"jsonrpc"/],
  ['params as a list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["echo"]}', 400, /"params"/],
  ['an id of null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, /"id"/],
  ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 400, /"id"/],
  ['an id that no double holds', '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', 400, /"id"/],
  [
    'a call without an id',
    '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}',
    400,
    /needs an id/,
  ],
  ['a method and a result', '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', 400, /either/],
  ['neither', '{"jsonrpc":"2.0","id":1}', 400, /either/],
  [
    'depth',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${'['.repeat(80)}${']'.repeat(80)}}}`,
    400,
    /nested deeper/,
  ],
  ['no text at all', '', 400, /./],
  ['arguments as a list', call('{"name":"echo","arguments":["x"]}'), 200, /"arguments" is not an object/],
  ['arguments as text', call('{"name":"echo","arguments":"{}"}'), 200, /"arguments" is not an object/],
  ['arguments of null', call('{"name":"echo","arguments":null}'), 200, /"arguments" is not an object/],
  ['no name', call('{"arguments":{}}'), 200, /no "name"/],
  ['a name that is no text', call('{"name":["echo"],"arguments":{}}'), 200, /no "name"/],
  [
    'Name beside name',
    call('{"name":"echo","Name":"secret","arguments":{"text":"x"}}'),
    200,
    /differs from the protocol's by case/,
  ],
  ['a long s in argumentſ', call('{"name":"echo","argument\u017f":{"text":"x"}}'), 200, /by case/],
  [
    'a dot segment in an address',
    '{"jsonrpc":"2.0","id":6,"method":"resources/read","params":{"uri":"note://open/../closed/2"}}',
    200,
    /dot segment/,
  ],
  [
    'an escaped dot segment',
    '{"jsonrpc":"2.0","id":6,"method":"resources/read","params":{"uri":"note://open/%2e%2E/closed/2"}}',
    200,
    /dot segment/,
  ],
]

test.each(table)('%s is refused and recorded', async (_what, body, status, says) => {
  const known = new Set((await gateway.decisions()).map(row => row.id))
  const answer = await gateway.post(body, session)
  expect(answer.status).toBe(status)
  const text = await answer.text()
  expect(text).toMatch(/malformed/)
  const fresh = (await gateway.decisions()).filter(row => !known.has(row.id))
  expect(fresh).toMatchObject([{ effect: 'deny', code: 'malformed', identity: 'agent', outcome: null }])
  expect(fresh[0]?.message).toMatch(says)
  expect(gateway.calls()).toEqual([])
})

test('bytes that are no UTF-8, and a body beyond the bound, are refused and recorded', async () => {
  const send = (body: Uint8Array<ArrayBuffer>) =>
    fetch(gateway.url(), {
      method: 'POST',
      body,
      headers: {
        ...session,
        authorization: `Bearer ${gateway.key}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
    })
  expect((await send(Uint8Array.of(0x22, 0xff, 0x22))).status).toBe(400)
  const large = await send(new Uint8Array(4 * 1024 * 1024 + 1)).then(
    answer => answer.status,
    () => 413,
  )
  expect(large).toBe(413)
  const rows = (await gateway.decisions()).slice(-2)
  expect(rows.map(row => row.message)).toEqual([
    'The body is not UTF-8.',
    expect.stringMatching(/at most 4194304 bytes/),
  ])
})

test('line breaks in a judged message reach a line-framed server as one line', async () => {
  const body =
    '{"jsonrpc":"2.0",\r\n"id":11,\n"method":"tools/call","params":{"name":"echo","arguments":{"text":"a\\nb\u2028c\u0085d"}}}'
  const answer = await (await gateway.post(body, session)).json()
  expect(answer.result.content[0].text).toBe('a\nb\u2028c\u0085d')
  const lines = gateway
    .rawCalls()
    .trim()
    .split(/[\n\r\u0085\u2028\u2029]/)
  expect(lines).toHaveLength(1)
})

test('a name with a blank behind it is another name', async () => {
  const answer = await (await gateway.post(call('{"name":"echo ","arguments":{"text":"x"}}'), session)).json()
  expect(answer.result._meta['intercept/decision'].code).toBe('not_available')
})

test('an unknown method is not forwarded, and recorded', async () => {
  const answer = await (
    await gateway.post('{"jsonrpc":"2.0","id":12,"method":"roots/list","params":{}}', session)
  ).json()
  expect(answer.error).toEqual({ code: -32601, message: 'Method not found' })
  expect((await gateway.decisions()).at(-1)).toMatchObject({
    method: 'roots/list',
    effect: 'deny',
    code: 'not_available',
  })
})
