import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SpooledDecision } from '@/lib/audit/model'
import { type Gateway, startGateway, until } from './testing/gateway'

// What a call meets on its way, told by a real SDK client, a real child and a real Postgres.
const policy = `
version: "1"
default: deny
hide: [environment]
redact: [args.password]
tools:
  echo:
    rules:
      - name: only short words
        action: deny
        when: [{ path: args.text, op: eq, value: forbidden }]
        reason: Nobody says that here.
      - name: say it
        action: allow
        validate: { required_args: true }
  slow:
    rules:
      - { name: twice in two seconds, action: allow, rate_limit: { max: 2, window: 2, per: server } }
  refuse:
    rules:
      - { name: refundable, action: allow, rate_limit: { max: 1, window: 3600, per: server } }
  ask:
    rules:
      - { name: a person decides, action: require_approval }
`

let gateway: Gateway
let client: Client

const granted = ['echo', 'slow', 'refuse', 'fail', 'environment', 'ask']
const names = async (of: Client) => (await of.listTools()).tools.map(tool => tool.name)
const textOf = (result: unknown) => (result as { content: [{ text: string }] }).content[0].text
const decisionOf = (result: unknown) =>
  (result as { _meta: { 'intercept/decision': Record<string, unknown> } })._meta['intercept/decision']

beforeAll(async () => {
  gateway = await startGateway({ policy, tools: granted })
  client = await gateway.connect()
})
afterAll(() => gateway.stop())

test('a list leaves out what is hidden, not granted or left to a default that denies, and keeps order and fields', async () => {
  const { tools, _meta } = await client.listTools()
  expect(tools.map(tool => tool.name)).toEqual(['echo', 'slow', 'refuse', 'ask'])
  expect(_meta).toEqual({ kept: true })
  const raw = await gateway.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', await sessionHeaders())
  expect((await raw.json()).result.tools[0]).toMatchObject({ name: 'echo', 'x-kept': { deep: [1] } })
})

async function sessionHeaders(): Promise<Record<string, string>> {
  const answer = await gateway.post(
    '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}',
  )
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' }
}

test('an allowed call reaches the server and stands in the record with its outcome', async () => {
  const result = await client.callTool({ name: 'echo', arguments: { text: 'hello', password: 'hunter2' } })
  expect(textOf(result)).toBe('hello')
  const row = (await gateway.decisions()).at(-1)
  expect(row).toMatchObject({
    tool: 'echo',
    effect: 'allow',
    code: null,
    outcome: 'result',
    is_error: false,
    identity: 'agent',
    client_name: 'tester',
    client_version: '1.2.3',
    key_prefix: gateway.key.slice(0, 11),
    arguments: { text: 'hello', password: '[masked]' },
    masked_paths: ['/password'],
  })
  expect(row?.argument_digest).toMatch(/^[0-9a-f]{64}$/)
  expect(row?.definition_digest).toMatch(/^[0-9a-f]{64}$/)
})

test('a denied call answers as a tool result that names its rule and gives the reason', async () => {
  const result = await client.callTool({ name: 'echo', arguments: { text: 'forbidden' } })
  expect(result.isError).toBe(true)
  expect(textOf(result)).toBe('[INTERCEPT POLICY DENIED] Nobody says that here.')
  const decision = decisionOf(result)
  expect(decision).toMatchObject({
    code: 'policy_denied',
    rule: 'only short words',
    revision: expect.stringMatching(/^r\d+$/),
  })
  const row = (await gateway.decisions()).at(-1)
  expect(row).toMatchObject({
    id: decision.id,
    rule: 'only short words',
    line: 9,
    code: 'policy_denied',
    outcome: null,
  })
  expect(gateway.calls().some(call => JSON.stringify(call).includes('forbidden'))).toBe(false)
})

const unseen: [what: string, tool: string, trueCode: string][] = [
  ['hidden', 'environment', 'hidden'],
  ['not granted', 'secret', 'no_grant'],
  ['not there', 'no_such_tool', 'no_grant'],
  ['a name of another kind', 'prompts/greet', 'no_grant'],
]
test.each(unseen)('a tool that is %s is not available, and the record knows why', async (_what, name, trueCode) => {
  const result = await client.callTool({ name, arguments: {} })
  expect(textOf(result)).toBe(`[INTERCEPT POLICY DENIED] Tool "${name}" is not available.`)
  expect(Object.keys(decisionOf(result)).sort()).toEqual(['code', 'id'])
  expect(decisionOf(result).code).toBe('not_available')
  expect((await gateway.decisions()).at(-1)).toMatchObject({ tool: name, code: trueCode })
})

test('arguments that do not validate never reach the server', async () => {
  const before = gateway.calls().length
  const result = await client.callTool({ name: 'echo', arguments: { txet: 'x' } })
  expect(decisionOf(result)).toMatchObject({ code: 'invalid_arguments', rule: 'say it' })
  expect(gateway.calls()).toHaveLength(before)
})

test('a tool that the default denies, and one that a person must approve, say so', async () => {
  expect(decisionOf(await client.callTool({ name: 'fail', arguments: {} })).code).toBe('default_deny')
  expect(decisionOf(await client.callTool({ name: 'ask', arguments: {} }))).toMatchObject({
    code: 'approval_required',
    rule: 'a person decides',
  })
})

test('a limit holds across sessions, says when to come back, and opens again with the next window', async () => {
  await until(() => Date.now() % 2_000 < 100)
  const other = await gateway.connect()
  const call = (of: Client) => of.callTool({ name: 'slow', arguments: { ms: 0 } })
  const results = [await call(client), await call(other), await call(client)]
  expect(results.map(result => result.isError ?? false)).toEqual([false, false, true])
  expect(decisionOf(results[2])).toMatchObject({ code: 'rate_limited', rule: 'twice in two seconds' })
  expect(decisionOf(results[2]).retryAfterSeconds).toBeGreaterThan(0)
  await until(() => Date.now() % 2_000 >= 100)
  await until(() => Date.now() % 2_000 < 100)
  expect((await call(other)).isError ?? false).toBe(false)
  await other.close()
})

test('a JSON-RPC error of the server gives the limit back, and passes as it is', async () => {
  for (let i = 0; i < 3; i++) {
    await expect(client.callTool({ name: 'refuse', arguments: {} })).rejects.toThrow(/refused here/)
    await until(async () => (await usedOf('refundable')) === 0)
  }
  expect((await gateway.decisions()).at(-1)).toMatchObject({ tool: 'refuse', outcome: 'error', status: -32050 })
})

async function usedOf(rule: string): Promise<number> {
  const rows = await gateway.database.database.sql.query<{ used: string }>(
    'SELECT used::text AS used FROM counters WHERE key LIKE $1',
    [`%${rule}%`],
  )
  return Number(rows[0]?.used ?? 0)
}

test('numbers that no double holds reach the server as they were sent', async () => {
  const headers = await sessionHeaders()
  const body =
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"n","big":9007199254740993}}}'
  expect((await (await gateway.post(body, headers)).json()).result.content[0].text).toBe('n')
  expect(gateway.rawCalls()).toContain('"big":9007199254740993')
})

test('every record is of the shape that the model says', async () => {
  for (const line of gateway.spooled()) expect(() => SpooledDecision.parse(line)).not.toThrow()
  expect(gateway.spooled().length).toBeGreaterThan(10)
})

test('the list follows the policy in force', async () => {
  await gateway.publish('default: allow\nhide: [slow]\ntools: {}\n')
  await until(async () => (await names(client)).includes('fail'), 1_000)
  expect(await names(client)).not.toContain('slow')
  await gateway.publish(policy)
  await until(async () => !(await names(client)).includes('fail'), 1_000)
})
