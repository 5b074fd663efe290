import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SseServer, startSseServer } from './fixtures/sse-server'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, saysOf } from './raw-client'
import { speakThrough } from './sdk-client'

// Servers of the transport before Streamable HTTP, on the SDK's own SSEServerTransport: one that its steward has marked as
// such, and one that is found out.
let gateway: Gateway
let server: SseServer
const servers = ['marked', 'found']

beforeAll(async () => {
  server = await startSseServer()
  const headers = { 'X-Api-Key': 'the-servers-own' }
  gateway = await startGateway([
    { slug: 'marked', url: server.url, headers, isSse: true },
    { slug: 'found', url: server.url, headers },
  ])
})
afterAll(async () => {
  await gateway.stop()
  await server.close()
})

describe.each(servers)('a server that is %s to speak HTTP with SSE', slug => {
  test('is listed, called and asks its client as any other', async () => {
    const speaker = await speakThrough(gateway.url(slug), gateway.key, [])
    const { tools } = await speaker.client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['echo', 'ask', 'hold', 'progress'])
    const echoed = await speaker.request('tools/call', { name: 'echo', arguments: { text: 'é\n💥' } })
    expect(echoed.content).toEqual([{ type: 'text', text: 'é\n💥' }])
    const asked = await speaker.request('tools/call', { name: 'ask', arguments: {} })
    expect(JSON.stringify(asked.content)).toContain('sampled words')
    expect(speaker.asked).toEqual(['sampling/createMessage'])
    await speaker.close()
  })

  test('its progress comes on the call that it belongs to', async () => {
    const session = await beginSession(gateway, slug)
    const params = { name: 'progress', arguments: {}, _meta: { progressToken: 'p' } }
    const answer = await session.post(JSON.stringify({ jsonrpc: '2.0', id: 'call', method: 'tools/call', params }))
    expect(answer.messages.map(message => message.params?.progress ?? message.id)).toEqual([1, 2, 'call'])
    await session.end()
  })

  test('sessions are apart from each other, also with the same ids', async () => {
    const [one, other] = await Promise.all([beginSession(gateway, slug), beginSession(gateway, slug)])
    const said = await Promise.all(
      [one, other].flatMap((session, index) =>
        [1, 2, 3].map(async id => saysOf(await session.call('echo', { text: `${index} ${id}` }, id))),
      ),
    )
    expect(said).toEqual(['0 1', '0 2', '0 3', '1 1', '1 2', '1 3'])
    await Promise.all([one.end(), other.end()])
  })

  test('a stream that breaks fails the calls under way with words, and the next session begins anew', async () => {
    const session = await beginSession(gateway, slug)
    const held = session.call('hold', {}, 'held')
    await expect.poll(() => server.received.some(({ body }) => body.includes('"held"'))).toBe(true)
    for (const stream of server.streams) stream.destroy()
    expect((await held).messages.at(-1)?.error?.message).toMatch(/event stream of the server has ended/)
    await expect.poll(async () => (await session.call('echo', { text: 'x' })).status).toBe(404)
    const next = await beginSession(gateway, slug)
    expect(saysOf(await next.call('echo', { text: 'again' }))).toBe('again')
    await next.end()
    const row = (await gateway.decisions()).findLast(({ tool }) => tool === 'hold')
    expect(row).toMatchObject({ effect: 'allow', outcome: 'unknown' })
    server.received.length = 0
  })

  test('the end of the session ends its stream', async () => {
    const session = await beginSession(gateway, slug)
    const stream = server.streams.at(-1)
    await session.end()
    await expect.poll(() => stream?.destroyed).toBe(true)
  })
})

test('the server gets its own credential with every request, and nothing of the client', async () => {
  const session = await beginSession(gateway, 'found')
  await session.post(callBody('echo', { text: 'x' }), { cookie: 'a=b', 'x-mine': 'mine' })
  await session.end()
  expect(server.received.length).toBeGreaterThan(3)
  for (const { headers } of server.received) {
    expect(headers['x-api-key']).toBe('the-servers-own')
    for (const name of ['authorization', 'cookie', 'x-mine']) expect(headers[name]).toBeUndefined()
  }
})
