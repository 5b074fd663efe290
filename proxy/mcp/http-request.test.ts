import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Pool } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type HttpRequest, sendRequest } from './http-request'

// A server that answers the first request on each connection and closes it as soon as the second one is there: what an
// idle connection does whose server has had enough of it. Nothing that runs a tool may come to it twice.
const received: string[] = []
const sockets = new Set<Socket>()
let answersNothing = false
const server = createServer(socket => {
  sockets.add(socket)
  let count = 0
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', chunk => {
    text += chunk
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    const end = text.indexOf('\r\n\r\n')
    if (end < 0 || text.length < end + 4 + length) return
    received.push(text.slice(0, text.indexOf(' ')) + text.slice(end + 4))
    text = ''
    count += 1
    if (count > 1 || answersNothing) socket.destroy()
    else socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}')
  })
})
let pool: Pool
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 1, pipelining: 1 })
})
afterAll(async () => {
  await pool.destroy()
  for (const socket of sockets) socket.destroy()
  server.close()
})
afterEach(() => {
  received.length = 0
  answersNothing = false
})

const send = (request: Partial<HttpRequest>) =>
  new Promise<string>(resolve => {
    const reply = { onStart: () => undefined, onEvent: () => undefined, onEnd: resolve, onError: resolve }
    const headers = { 'content-type': 'application/json' }
    sendRequest(pool, { method: 'POST', path: '/', headers, ...request }, reply)
  })
const call = (method: string, id: number | undefined = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params: {} })
/** Leaves a connection whose server closes it under the next request. */
const worn = async () => {
  while ((await send({ method: 'GET' })) !== '{}');
  received.length = 0
}

const requests: [what: string, request: Partial<HttpRequest>, isRepeated: boolean][] = [
  ['a call of a tool', { body: call('tools/call') }, false],
  ['what reads for a client', { body: call('resources/read') }, false],
  ['a prompt', { body: call('prompts/get') }, false],
  ['a subscription', { body: call('resources/subscribe') }, false],
  ['the cancellation of a task', { body: call('tasks/cancel') }, false],
  ['a method that nobody knows', { body: call('made/up') }, false],
  ['what is no message', { body: '{"method":"tools/list"}' }, false],
  [
    'a call that hides behind a list',
    { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}' },
    false,
  ],
  ['the list of tools', { body: call('tools/list') }, true],
  ['the beginning of a session', { body: call('initialize') }, true],
  ['a sign of life', { body: call('ping') }, true],
  ['a notification', { body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' }, true],
  ['an answer', { body: '{"jsonrpc":"2.0","id":1,"result":{}}' }, true],
  ['the stream of a session', { method: 'GET' }, true],
  ['the end of a session', { method: 'DELETE' }, true],
]

test.each(requests)('%s on a connection that closes under it: sent again %j', async (_what, request, isRepeated) => {
  await worn()
  const answer = await send(request)
  expect(received).toHaveLength(isRepeated ? 2 : 1)
  if (isRepeated) expect(answer).toBe('{}')
  else expect(answer).toMatch(/closed the connection before it answered.*not sent again/)
})

test('a server that closes every time is asked twice and no more', async () => {
  await worn()
  answersNothing = true
  expect(await send({ body: call('tools/list') })).toMatch(/closed the connection before it answered/)
  expect(received).toHaveLength(2)
})

test('a connection that the server closed while it was idle is not used', async () => {
  await worn()
  for (const socket of sockets) socket.end()
  // Nothing of the loop is waited for: the end of the connection is still unread when the call is sent.
  const start = performance.now()
  while (performance.now() - start < 20);
  expect(await send({ body: call('tools/call') })).toBe('{}')
  expect(received).toHaveLength(1)
})
