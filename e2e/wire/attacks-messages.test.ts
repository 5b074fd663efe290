import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type HostileServer, startHostileServer } from './fixtures/hostile-http'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, type RawSession, saysOf } from './raw-client'

// A client that may call `echo` tries to reach `secret`, which its policy denies, by saying one thing to the judge and
// another to the server. Whatever it is answered, the server never hears of it.
let gateway: Gateway
let http: HostileServer
const policy = 'default: allow\ntools:\n  secret:\n    rules:\n      - { name: never, action: deny }\n'
const stdio = path.join(import.meta.dirname, 'fixtures/hostile-stdio.mjs')

beforeAll(async () => {
  http = await startHostileServer()
  gateway = await startGateway([{ slug: 'http', url: http.url }])
  const environment = { CALL_LOG: path.join(gateway.shared, 'calls') }
  await gateway.add({ slug: 'stdio', command: ['node', stdio], environment })
  await gateway.publish(policy)
})
afterAll(async () => {
  await gateway.stop()
  await http.close()
})

const call = (params: string, id = '1') => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`
const echo = (args: string) => call(`{"name":"echo","arguments":${args}}`)

describe.each(['http', 'stdio'])('over %s', slug => {
  let session: RawSession
  let before: number

  const heard = () =>
    slug === 'http'
      ? http.received.map(({ body }) => body)
      : readFileSync(path.join(gateway.shared, 'calls'), 'utf8').split('\n').slice(0, -1)
  const fresh = () => heard().slice(before)

  beforeAll(async () => {
    session = await beginSession(gateway, slug)
    expect(saysOf(await session.call('echo', { text: 'hello' }))).toBe('hello')
    expect(saysOf(await session.call('secret'))).toBe('policy_denied')
  })
  beforeEach(() => {
    before = heard().length
  })

  const smuggled: [what: string, body: string][] = [
    ['a newline between two messages', `${echo('{}')}\n${call('{"name":"secret"}', '2')}`],
    ['a batch', `[${echo('{}')},${call('{"name":"secret"}', '2')}]`],
    ['a batch of one', `[${call('{"name":"secret"}')}]`],
    ['a doubled name', call('{"name":"secret","name":"echo","arguments":{}}')],
    ['a doubled name, the other way round', call('{"name":"echo","name":"secret","arguments":{}}')],
    ['a doubled name, once in escapes', call('{"name":"echo","\\u006e\\u0061me":"secret","arguments":{}}')],
    [
      'doubled params',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"},"params":{"name":"secret"}}',
    ],
    ['METHOD for method', '{"jsonrpc":"2.0","id":1,"METHOD":"tools/call","params":{"name":"secret"}}'],
    [
      'METHOD beside method',
      '{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call","params":{"name":"secret"}}',
    ],
    ['Name beside name', call('{"name":"echo","Name":"secret","arguments":{}}')],
    ['NAME for name', call('{"NAME":"secret","arguments":{}}')],
    ['a long s in a key of the protocol', call('{"name":"echo","arguments":{},"ta\u017fk":{"name":"secret"}}')],
    ['a method in capitals', '{"jsonrpc":"2.0","id":1,"method":"TOOLS/CALL","params":{"name":"secret"}}'],
    ['a method with a blank', '{"jsonrpc":"2.0","id":1,"method":"tools/call ","params":{"name":"secret"}}'],
    ['a method with a line break', '{"jsonrpc":"2.0","id":1,"method":"tools/call\\n","params":{"name":"secret"}}'],
    ['a call without an id', '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"secret"}}'],
    ['an id of null', call('{"name":"secret"}', 'null')],
    ['an id that is an object', call('{"name":"secret"}', '{"a":1}')],
    ['params as a list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["secret"]}'],
    ['arguments as text', call('{"name":"echo","arguments":"{\\"name\\":\\"secret\\"}"}')],
    [
      'an answer that is a call too',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret"},"result":{}}',
    ],
    ['a byte order mark', `\ufeff${call('{"name":"secret"}')}`],
    ['a comment', `${echo('{}')}/* ${call('{"name":"secret"}')} */`],
    ['a NUL behind the message', `${echo('{}')}\0${call('{"name":"secret"}')}`],
  ]
  test.each(smuggled)('%s is refused, and nothing reaches the server', async (_what, body) => {
    const answer = await session.post(body)
    expect(answer.text).toMatch(/malformed|Method not found/)
    expect(fresh()).toEqual([])
  })

  const others: [what: string, name: string][] = [
    ['trailing space', 'secret '],
    ['leading space', ' secret'],
    ['a line feed', 'secret\n'],
    ['a carriage return', 'sec\rret'],
    ['a NUL', 'secret\0'],
    ['capitals', 'SECRET'],
    ['a Cyrillic letter', '\u0455ecret'],
    ['full-width letters', '\uff53ecret'],
    ['a soft hyphen', 'sec\u00adret'],
    ['a right-to-left override', '\u202eterces'],
    ['a prefix of its own', 'tools/secret'],
    ['a prefix of another kind', 'server/secret'],
  ]
  test.each(others)('a name with %s is no other name', async (_what, name) => {
    expect(saysOf(await session.call(name))).toBe('not_available')
    expect(fresh()).toEqual([])
  })

  test('a name in escapes is the name that it spells', async () => {
    expect(saysOf(await session.post(call('{"name":"\\u0073ecret","arguments":{}}')))).toBe('policy_denied')
    expect(fresh()).toEqual([])
    expect(saysOf(await session.post(call('{"name":"\\u0065cho","arguments":{"text":"x"}}')))).toBe('x')
    expect(fresh().map(line => JSON.parse(line).params.name)).toEqual(['echo'])
  })

  const breaks = '\n\r\u0085\u2028\u2029\v\f'
  test('line breaks within a judged message reach the server in one frame, with the same meaning', async () => {
    const id = `1${breaks}2`
    const body = callBody('echo', { text: breaks, [`key${breaks}`]: 1 }, id)
      .replaceAll(',', ',\r\n')
      .replaceAll(':', ':\n')
    const answer = await session.post(body)
    expect(answer.messages.at(-1)).toMatchObject({ id, result: { content: [{ text: breaks }] } })
    const [frame, ...rest] = fresh()
    expect(rest).toEqual([])
    expect(frame).not.toMatch(/[\n\r\u0085\u2028\u2029]/)
    expect(JSON.parse(frame ?? '')).toEqual(JSON.parse(body))
  })

  test('what a client names in headers decides nothing and goes nowhere', async () => {
    const claims = {
      'mcp-method': 'tools/list',
      'mcp-name': 'echo',
      'x-mcp-tool': 'echo',
      cookie: 'session=stolen',
      'x-forwarded-for': '10.0.0.1',
    }
    expect(saysOf(await session.post(call('{"name":"secret"}'), claims))).toBe('policy_denied')
    expect(saysOf(await session.post(echo('{"text":"x"}'), { ...claims, 'mcp-name': 'secret' }))).toBe('x')
    expect(fresh()).toHaveLength(1)
    const sent = slug === 'http' ? http.received.slice(before).flatMap(({ headers }) => Object.keys(headers)) : []
    for (const name of Object.keys(claims)) expect(sent).not.toContain(name)
  })

  test('every refusal above stands in the record, and none was forwarded', async () => {
    const rows = (await gateway.decisions()).filter(({ effect }) => effect === 'deny')
    expect(rows.filter(({ code }) => code === 'malformed').length).toBeGreaterThanOrEqual(smuggled.length - 3)
    expect(rows.every(({ outcome }) => outcome === null)).toBe(true)
    expect(heard().some(line => line.includes('secret'))).toBe(false)
  })
})
