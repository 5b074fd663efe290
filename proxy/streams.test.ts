import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway, until } from './testing/gateway'

// On which stream a message comes, and what happens when a stream breaks: read raw, as a client of any make would.
let gateway: Gateway
let count = 0

beforeAll(async () => {
  gateway = await startGateway({ tools: ['*', 'resources/*'] })
})
afterAll(() => gateway.stop())

async function begin(version = '2025-11-25'): Promise<Record<string, string>> {
  const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
  const answer = await gateway.post(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }))
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' }
}

const call = (name: string, args: object = {}, meta?: object) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: `c${++count}`,
    method: 'tools/call',
    params: { name, arguments: args, ...(meta ? { _meta: meta } : {}) },
  })
const withEvents = { accept: 'text/event-stream, application/json' }

interface Event {
  id?: string
  data: string
}

/** Events of a stream as they come. */
async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let buffer = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    buffer += chunk
    const blocks = buffer.split('\n\n')
    buffer = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .find(line => line.startsWith(`${name}: `))
          ?.slice(name.length + 2)
      const data = field('data')
      if (data !== undefined) yield { id: field('id'), data }
    }
  }
}
const get = (session: Record<string, string>, more: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(gateway.url(), {
    headers: { ...session, authorization: `Bearer ${gateway.key}`, accept: 'text/event-stream', ...more },
    signal,
  })

test('an answer alone is plain JSON; with something before it, a stream', async () => {
  const session = await begin()
  expect((await gateway.post(call('echo', { text: 'x' }), session)).headers.get('content-type')).toBe(
    'application/json',
  )
  const answer = await gateway.post(call('progress', {}, { progressToken: 0 }), session)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const messages = []
  for await (const { data } of eventsOf(answer)) if (data) messages.push(JSON.parse(data))
  expect(messages.map(message => message.method ?? message.id)).toEqual([
    'notifications/progress',
    'notifications/progress',
    `c${count}`,
  ])
})

test('two calls at once each get their own progress', async () => {
  const session = await begin()
  const run = async (token: string) => {
    const answer = await gateway.post(call('progress', {}, { progressToken: token }), session)
    const tokens = []
    for await (const { data } of eventsOf(answer)) if (data) tokens.push(JSON.parse(data).params?.progressToken)
    return tokens
  }
  expect(await Promise.all([run('a'), run('b')])).toEqual([
    ['a', 'a', undefined],
    ['b', 'b', undefined],
  ])
})

test('a client whose stream broke in the middle of a call comes back for the answer', async () => {
  const session = await begin()
  const cut = new AbortController()
  const headers = {
    ...session,
    ...withEvents,
    authorization: `Bearer ${gateway.key}`,
    'content-type': 'application/json',
  }
  const answer = await fetch(gateway.url(), {
    method: 'POST',
    headers,
    body: call('slow', { ms: 400 }),
    signal: cut.signal,
  })
  const first = await eventsOf(answer).next()
  expect(first.value).toMatchObject({ id: expect.stringMatching(/\.0$/), data: '' })
  cut.abort()
  const again = await get(session, { 'last-event-id': first.value?.id ?? '' })
  const { value } = await eventsOf(again).next()
  expect(JSON.parse(value?.data ?? '').result.content[0].text).toBe('slept')
  expect((await gateway.decisions()).at(-1)).toMatchObject({ tool: 'slow', outcome: 'result' })
})

test('nobody resumes a stream of another session', async () => {
  const session = await begin()
  const answer = await gateway.post(call('progress', {}, { progressToken: 1 }), session)
  const ids = []
  for await (const { id } of eventsOf(answer)) ids.push(id)
  const other = await begin()
  const stop = new AbortController()
  const stolen = await get(other, { 'last-event-id': ids[0] ?? '' }, stop.signal)
  const next = eventsOf(stolen).next()
  expect(await Promise.race([next, new Promise(resolve => setTimeout(() => resolve('silence'), 300))])).toBe('silence')
  stop.abort()
  await next.catch(() => undefined)
})

test('what belongs to no call waits for the session’s stream', async () => {
  const session = await begin()
  await gateway.post(call('announce'), session)
  const stop = new AbortController()
  const stream = await get(session, {}, stop.signal)
  const { value } = await eventsOf(stream).next()
  expect(JSON.parse(value?.data ?? '')).toEqual({ jsonrpc: '2.0', method: 'notifications/resources/list_changed' })
  stop.abort()
})

test('a publish that changes what may be called tells the clients that listen', async () => {
  const session = await begin()
  const stop = new AbortController()
  const events = eventsOf(await get(session, {}, stop.signal))
  await gateway.publish('default: allow\nhide: [fork]\ntools: {}\n')
  const { value } = await events.next()
  expect(JSON.parse(value?.data ?? '').method).toBe('notifications/tools/list_changed')
  stop.abort()
  await gateway.publish('default: allow\ntools: {}\n')
})

test('an answer to somebody else is dropped', async () => {
  const session = await begin()
  const answer = await (await gateway.post(call('impostor'), session)).json()
  expect(answer).toMatchObject({ id: `c${count}`, result: { content: [{ text: 'mine' }] } })
})

test('one id is not used twice at once', async () => {
  const session = await begin()
  const slow = call('slow', { ms: 300 })
  const [first, second] = await Promise.all([
    gateway.post(slow, session),
    until(() => gateway.calls().some(({ name }) => name === 'slow')).then(() => gateway.post(slow, session)),
  ])
  expect([first.status, second.status]).toEqual([200, 400])
  expect((await second.json()).error.message).toMatch(/in use/)
})

test('a cancellation goes upstream only for what is under way', async () => {
  const session = await begin()
  const slow = gateway.post(call('slow', { ms: 300 }), session)
  const id = `c${count}`
  const cancel = (requestId: string) =>
    gateway.post(
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'enough' } }),
      session,
    )
  await until(() => gateway.rawCalls().includes(`"${id}"`))
  expect((await cancel('nothing')).status).toBe(202)
  expect((await cancel(id)).status).toBe(202)
  await slow
  const cancelled = gateway
    .rawCalls()
    .split('\n')
    .filter(line => line.includes('notifications/cancelled'))
  expect(cancelled).toHaveLength(1)
  expect(cancelled[0]).toContain(id)
})

test('what a child started ends with its session', async () => {
  const session = await begin()
  const answer = await (await gateway.post(call('fork'), session)).json()
  const pid = Number(answer.result.content[0].text)
  expect(isRunning(pid)).toBe(true)
  await fetch(gateway.url(), { method: 'DELETE', headers: { ...session, authorization: `Bearer ${gateway.key}` } })
  await until(() => !isRunning(pid))
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
