import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { envelope, postModern } from './modern-client'

// The tasks extension of 2026-07-28. The server keeps one store for everybody and gives a task to whoever names it.
const EXTENSION = 'io.modelcontextprotocol/tasks'
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
type Params = Record<string, unknown>
interface Request {
  id: number
  method: string
  params: Params & { taskId?: string; name?: string; arguments?: { as?: string } }
}

const tasks = new Map<string, Params>()
const received: Request[] = []
const elicitation = { method: 'elicitation/create', params: { mode: 'form', message: 'Who?' } }
const sampling = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }
const answers: Record<string, (request: Request, response: ServerResponse) => Params> = {
  'server/discover': () => ({
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, extensions: { [EXTENSION]: {} } },
    ttlMs: 0,
    cacheScope: 'public',
  }),
  'tools/list': () => ({ tools: [{ name: 'work', inputSchema: { type: 'object' } }], ttlMs: 0, cacheScope: 'public' }),
  'tools/call': ({ params }) => {
    const taskId = `task-${tasks.size + 1}`
    const task = { taskId, status: 'working', createdAt: '2026-11-22T00:00:00Z', ttlMs: 60_000 }
    const result = { resultType: 'complete', content: [{ type: 'text', text: 'done' }] }
    const later: Record<string, Params> = {
      done: { status: 'completed', result },
      failed: { status: 'failed', error: { code: -32_603, message: 'It broke.' } },
      asks: { status: 'input_required', inputRequests: { who: elicitation } },
      samples: { status: 'input_required', inputRequests: { words: sampling } },
    }
    tasks.set(taskId, { ...task, ...later[params.arguments?.as ?? ''] })
    return { ...task, resultType: 'task' }
  },
  'tasks/get': ({ params }) => ({ ...tasks.get(params.taskId ?? '') }),
  'tasks/update': ({ params }) => {
    const result = { resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(params.inputResponses) }] }
    tasks.set(params.taskId ?? '', { taskId: params.taskId, status: 'completed', result })
    return {}
  },
  'tasks/cancel': ({ params }) => {
    tasks.set(params.taskId ?? '', { taskId: params.taskId, status: 'cancelled' })
    return {}
  },
}
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const message = JSON.parse(body) as Request
  received.push(message)
  const answer = answers[message.method]?.(message, response)
  const error = { code: -32_601, message: 'Method not found' }
  const said = answer ? { result: { resultType: 'complete', ...answer } } : { error }
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...said }))
})

let gateway: Gateway
let otherKey: string
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  gateway = await startGateway([])
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  await gateway.add({ slug: 'tasks', url }, { isApproved: false })
  await ask('tools/list')
  await gateway.approveSeen('tasks', 1)
  otherKey = await gateway.newKey('other', [{ server: 'tasks' }])
})
afterAll(async () => {
  await gateway.stop()
  server.closeAllConnections()
  server.close()
})

const offering = { ...envelope, [CAPABILITIES]: { elicitation: { form: {} }, extensions: { [EXTENSION]: {} } } }
async function ask(method: string, params: Params = {}, key: string = gateway.key, _meta: Params = offering) {
  const response = await postModern(gateway.url('tasks'), key, method, { ...params, _meta })
  const answer = (await response.json()) as {
    result?: Params
    error?: { code: number; message: string; data?: Params }
  }
  return { status: response.status, ...answer }
}
const begin = async (as: string, key?: string) => {
  const { result } = await ask('tools/call', { name: 'work', arguments: { as } }, key)
  expect(result).toMatchObject({ resultType: 'task', status: 'working' })
  return String(result?.taskId)
}
const recorded = async (method: string) => (await gateway.decisions()).filter(row => row.method === method)

test('both sides are told of the extension as the other has it', async () => {
  expect((await ask('server/discover')).result?.capabilities).toMatchObject({ extensions: { [EXTENSION]: {} } })
  await begin('done')
  expect(received.at(-1)?.params._meta).toMatchObject({ [CAPABILITIES]: { extensions: { [EXTENSION]: {} } } })
})

const endings: [as: string, outcome: object][] = [
  ['done', { outcome: 'result' }],
  ['failed', { outcome: 'error', error: 'It broke.' }],
]
test.each(endings)('a task that ends as %s ends the record of its call when that is read', async (as, outcome) => {
  const taskId = await begin(as)
  expect((await recorded('tools/call')).at(-1)).toMatchObject({ tool: 'work', effect: 'allow', outcome: null })
  for (let i = 0; i < 2; i++) expect((await ask('tasks/get', { taskId })).result).toMatchObject(tasks.get(taskId) ?? {})
  expect((await recorded('tools/call')).at(-1)).toMatchObject(outcome)
  expect(await recorded('tasks/get')).toEqual([])
})

test('a cancellation is passed on and recorded', async () => {
  const taskId = await begin('never')
  expect((await ask('tasks/cancel', { taskId })).result).toEqual({ resultType: 'complete' })
  expect(await recorded('tasks/cancel')).toMatchObject([{ tool: 'work', effect: 'allow', outcome: 'result' }])
  expect((await ask('tasks/get', { taskId })).result).toMatchObject({ status: 'cancelled' })
  expect((await recorded('tools/call')).at(-1)).toMatchObject({ outcome: 'unknown', error: 'The task was cancelled.' })
})

test('what a task asks of its client is judged once, and its answer passes', async () => {
  const taskId = await begin('asks')
  for (let i = 0; i < 3; i++)
    expect((await ask('tasks/get', { taskId })).result?.inputRequests).toEqual({ who: elicitation })
  expect(await recorded('elicitation/create')).toMatchObject([{ tool: 'server/elicitation/create', effect: 'allow' }])
  await ask('tasks/update', { taskId, inputResponses: { who: { action: 'accept' } } })
  expect(JSON.stringify((await ask('tasks/get', { taskId })).result)).toContain('accept')
})

test('what it may not ask does not reach its client, also not under a key that was judged before', async () => {
  await gateway.publish('default: allow\ntools: { server/sampling/*: { rules: [{ name: no words, action: deny }] } }\n')
  const taskId = await begin('samples')
  for (let i = 0; i < 2; i++) {
    const { result, error } = await ask('tasks/get', { taskId })
    expect([result, error?.data]).toMatchObject([undefined, { 'intercept/decision': { rule: 'no words' } }])
  }
  const asking = await begin('asks')
  expect((await ask('tasks/get', { taskId: asking })).result).toBeDefined()
  tasks.set(asking, { taskId: asking, status: 'input_required', inputRequests: { who: sampling } })
  expect((await ask('tasks/get', { taskId: asking })).error?.data).toMatchObject({
    'intercept/decision': { rule: 'no words' },
  })
  await gateway.publish('default: allow\ntools: {}\n')
})

describe("another's task", () => {
  test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])('answers to %s as one that never was', async method => {
    const taskId = await begin('done')
    const before = received.length
    const [theirs, none] = [await ask(method, { taskId }, otherKey), await ask(method, { taskId: 'task-x' }, otherKey)]
    expect(theirs).toMatchObject({
      status: 200,
      error: { code: -32_602, message: `Task "${taskId}" is not available.` },
    })
    expect(none).toMatchObject({ status: 200, error: { code: -32_602, message: 'Task "task-x" is not available.' } })
    expect(received).toHaveLength(before)
    const rows = (await recorded(method)).filter(({ identity }) => identity === 'other')
    expect(rows).toMatchObject([1, 2].map(() => ({ effect: 'deny', code: 'not_available' })))
  })

  test('who does not offer to read tasks is told what is missing, whatever is named', async () => {
    const taskId = await begin('done')
    const before = received.length
    const { status, error } = await ask('tasks/get', { taskId }, gateway.key, envelope)
    expect([status, error]).toMatchObject([
      400,
      { code: -32_021, data: { requiredCapabilities: { extensions: { [EXTENSION]: {} } } } },
    ])
    expect(received).toHaveLength(before)
  })

  test('a header that names another task than the body is refused', async () => {
    const [own, others] = [await begin('done', otherKey), await begin('done')]
    const headers = { 'mcp-name': own }
    const params = { taskId: others, _meta: offering }
    const response = await postModern(gateway.url('tasks'), otherKey, 'tasks/get', params, { headers })
    expect([response.status, (await response.json()).error.code]).toEqual([400, -32_020])
  })
})

test('a task whose tool is hidden by now is there for nobody', async () => {
  const taskId = await begin('done')
  await gateway.publish('default: allow\nhide: [work]\ntools: {}\n')
  expect((await ask('tasks/get', { taskId })).error?.code).toBe(-32_602)
  await gateway.publish('default: allow\ntools: {}\n')
  expect((await ask('tasks/get', { taskId })).result?.status).toBe('completed')
})
