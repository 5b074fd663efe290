import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTaskServer, type TaskServer } from './fixtures/task-server'
import { type Gateway, startGateway } from './gateway'
import { beginSession, type RawSession } from './raw-client'
import { type Speaker, speakThrough } from './sdk-client'

// Tasks of 2025-11-25 on the SDK's own server and client. The server keeps the tasks of everybody in one store and gives
// them to whoever asks: that nobody gets another's is the proxy's doing.
let gateway: Gateway
let server: TaskServer
let one: Speaker
let other: RawSession

beforeAll(async () => {
  server = await startTaskServer()
  gateway = await startGateway([{ slug: 'tasks', url: server.url }])
  one = await speakThrough(gateway.url('tasks'), gateway.key, [])
  other = await beginSession(gateway, 'tasks', await gateway.newKey('other', [{ server: 'tasks' }]))
})
afterAll(async () => {
  await one.close()
  await gateway.stop()
  await server.close()
})

type Task = { taskId: string; status: string }
const begin = async (as: string, speaker = one) => {
  const params = { name: 'work', arguments: { text: as, as }, task: { ttl: 60_000 } }
  return (await speaker.request('tools/call', params)).task as Task
}
const about = async (session: RawSession, method: string, params: object = {}) =>
  (await session.post(JSON.stringify({ jsonrpc: '2.0', id: 'about', method, params }))).messages.at(-1)
const recorded = async (method: string) => (await gateway.decisions()).filter(row => row.method === method)

test('the capability is announced as the server has it', () => {
  expect(one.client.getServerCapabilities()?.tasks).toEqual({ list: {}, cancel: {}, requests: { tools: { call: {} } } })
})

test('a call as a task is polled, its result fetched, and all of it is one record', async () => {
  const before = (await recorded('tools/call')).length
  const { taskId, status } = await begin('done')
  expect(status).toBe('working')
  await expect.poll(async () => (await one.request('tasks/get', { taskId })).status).toBe('completed')
  expect((await recorded('tools/call')).slice(before)).toMatchObject([{ tool: 'work', effect: 'allow', outcome: null }])
  const result = await one.request('tasks/result', { taskId })
  expect(result.content).toEqual([{ type: 'text', text: 'done' }])
  expect(result._meta).toMatchObject({ 'io.modelcontextprotocol/related-task': { taskId } })
  // Fetched again it is the same, and changes nothing.
  expect((await one.request('tasks/result', { taskId })).content).toEqual(result.content)
  expect((await recorded('tools/call')).slice(before)).toMatchObject([{ tool: 'work', outcome: 'result' }])
  for (const method of ['tasks/get', 'tasks/result']) expect(await recorded(method)).toEqual([])
})

test("the SDK's own way through a task works unchanged", async () => {
  const steps: string[] = []
  const params = { name: 'work', arguments: { text: 'streamed', as: 'done' } }
  for await (const step of one.client.experimental.tasks.callToolStream(params, undefined, { task: { ttl: 60_000 } }))
    steps.push(step.type === 'result' ? JSON.stringify(step.result.content) : step.type)
  expect(steps[0]).toBe('taskCreated')
  expect(steps.at(-1)).toContain('streamed')
})

test('a call without a task is answered at once, also by a tool that could have made one', async () => {
  expect((await one.request('tools/call', { name: 'plain', arguments: {} })).content).toEqual([
    { type: 'text', text: 'at once' },
  ])
})

test('what a task asks of the client comes with its result, and is judged', async () => {
  const { taskId } = await begin('asks')
  const result = await one.request('tasks/result', { taskId })
  expect(JSON.stringify(result.content)).toContain('sampled words')
  expect((await recorded('sampling/createMessage')).at(-1)).toMatchObject({
    tool: 'server/sampling/createMessage',
    effect: 'allow',
    outcome: 'result',
  })
})

test('a cancellation is passed on and recorded, and ends the record of the call', async () => {
  const { taskId } = await begin('never')
  expect((await one.request('tasks/cancel', { taskId })).status).toBe('cancelled')
  expect(await recorded('tasks/cancel')).toMatchObject([{ tool: 'work', effect: 'allow', outcome: 'result' }])
  expect((await recorded('tools/call')).at(-1)).toMatchObject({ outcome: 'unknown', error: 'The task was cancelled.' })
})

test('a call that the policy refuses makes no task', async () => {
  await gateway.publish('default: allow\ntools: { work: { rules: [{ name: no work, action: deny }] } }\n')
  const before = server.received.length
  const params = { name: 'work', arguments: { text: 'x', as: 'done' }, task: { ttl: 60_000 } }
  expect(JSON.stringify(await one.request('tools/call', params))).toContain('policy_denied')
  expect(server.received.slice(before)).not.toContain('tools/call')
  await gateway.publish('default: allow\ntools: {}\n')
})

describe("another's task", () => {
  const verbs = ['tasks/get', 'tasks/result', 'tasks/cancel']

  test.each(verbs)('answers to %s as one that never was, and the server is not asked', async method => {
    const { taskId } = await begin('done')
    const never = '00000000-0000-4000-8000-000000000000'
    const [theirs, none] = [await about(other, method, { taskId }), await about(other, method, { taskId: never })]
    const told = (answer: typeof none, id: string) => {
      const { data, ...error } = answer?.error ?? {}
      expect(data).toMatchObject({ 'intercept/decision': { code: 'not_available' } })
      return JSON.stringify(error).replace(id, '<id>')
    }
    expect(told(theirs, taskId)).toBe(told(none, never))
    const before = server.received.length
    await about(other, method, { taskId })
    expect(server.received.slice(before)).toEqual([])
    const rows = (await recorded(method)).filter(({ identity }) => identity === 'other')
    expect(rows).toHaveLength(3)
    expect(rows[0]).toMatchObject({ effect: 'deny', code: 'not_available' })
    expect((await one.request('tasks/get', { taskId })).taskId).toBe(taskId)
  })

  test('nor is it there for another session of the same identity', async () => {
    const { taskId } = await begin('done')
    const session = await beginSession(gateway, 'tasks')
    expect((await about(session, 'tasks/get', { taskId }))?.error).toBeDefined()
    await session.end()
  })

  test('is in no list', async () => {
    const { taskId } = await begin('done')
    const list = async (page: (cursor: object) => Promise<unknown>) => {
      const ids: string[] = []
      for (let cursor: unknown, i = 0; i < 50 && (i === 0 || cursor !== undefined); i++) {
        const { tasks, nextCursor } = (await page({ cursor })) as { tasks: Task[]; nextCursor?: string }
        ids.push(...tasks.map(task => task.taskId))
        cursor = nextCursor
      }
      return ids
    }
    expect(await list(cursor => one.request('tasks/list', { ...cursor }))).toContain(taskId)
    expect(await list(async cursor => (await about(other, 'tasks/list', cursor))?.result)).toEqual([])
  })

  test('its status is told to nobody else', async () => {
    const statuses: unknown[] = []
    one.client.fallbackNotificationHandler = async ({ method, params }) => {
      if (method === 'notifications/tasks/status') statuses.push(params?.statusMessage)
    }
    const stream = await other.listen()
    await begin('tells')
    await expect.poll(() => statuses).toEqual(['tells'])
    await other.end()
    expect(await stream.text()).not.toContain('tells')
  })
})

test('a task whose tool is not granted any more is there for nobody', async () => {
  const key = await gateway.newKey('late', [{ server: 'tasks', tools: ['*'] }])
  const speaker = await speakThrough(gateway.url('tasks'), key, [])
  const { taskId } = await begin('done', speaker)
  await gateway.publish('default: allow\nhide: [work]\ntools: {}\n')
  await expect(speaker.request('tasks/result', { taskId })).rejects.toThrow(/is not available/)
  expect((await speaker.request('tasks/list')).tasks).toEqual([])
  await gateway.publish('default: allow\ntools: {}\n')
  expect((await speaker.request('tasks/result', { taskId })).content).toBeDefined()
  await speaker.close()
})

test('a session that ends leaves no call without an outcome', async () => {
  const key = await gateway.newKey('leaving', [{ server: 'tasks' }])
  const session = await beginSession(gateway, 'tasks', key)
  const begun: unknown[] = []
  for (const as of ['never', 'done']) {
    const params = { name: 'work', arguments: { text: as, as }, task: {} }
    begun.push(await about(session, 'tools/call', params))
  }
  const [, { taskId }] = begun.map(answer => (answer as { result: { task: Task } }).result.task) as [Task, Task]
  const read = async () => (await about(session, 'tasks/get', { taskId }))?.result
  await expect.poll(read).toMatchObject({ status: 'completed' })
  await session.end()
  const rows = (await recorded('tools/call')).filter(({ identity }) => identity === 'leaving')
  expect(rows).toMatchObject([
    { outcome: 'unknown', error: 'The session ended before its result was fetched.' },
    { outcome: 'result' },
  ])
})

test.each([{}, { taskId: 7 }, { taskId: '' }, { taskID: 'x' }])(
  'a request that names its task as %j is refused as malformed',
  async params => {
    const session = await beginSession(gateway, 'tasks')
    expect((await about(session, 'tasks/get', params))?.error).toMatchObject({ code: -32_602 })
    expect((await recorded('tasks/get')).at(-1)).toMatchObject({ effect: 'deny', code: 'malformed' })
    await session.end()
  },
)

test('at the address of all servers tasks are not offered, and a call that wants one is an ordinary call', async () => {
  const session = await beginSession(gateway, '')
  const params = { name: 'tasks__plain', arguments: {}, task: { ttl: 1_000 } }
  expect((await about(session, 'tools/call', params))?.result).toMatchObject({
    content: [{ type: 'text', text: 'at once' }],
  })
  expect((await about(session, 'tasks/list'))?.error).toMatchObject({ code: -32_601 })
  await session.end()
})
