import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HostileServer, startHostileServer } from './fixtures/hostile-http'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, type RawSession, saysOf } from './raw-client'

// A server over HTTP that answers what no server should. The call fails with words for the caller; the session, the
// other calls and the memory of the proxy do not.
let gateway: Gateway
let server: HostileServer
let session: RawSession
let log = ''
const MB = 1024 * 1024

beforeAll(async () => {
  server = await startHostileServer()
  const upstream = { slug: 'hostile', url: server.url, headers: { 'X-Api-Key': 'the-servers-own' } }
  gateway = await startGateway([upstream], pino({ level: 'trace' }, { write: line => void (log += line) }))
  session = await beginSession(gateway, 'hostile')
})
afterAll(async () => {
  await gateway.stop()
  await server.close()
})

/** The most memory above the start, in bytes, while something is under way. */
async function watchMemory(work: () => Promise<unknown>): Promise<number> {
  const start = process.memoryUsage.rss()
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() - start)
  }, 20)
  await work()
  clearInterval(timer)
  return most
}

const answers: [what: string, tool: string, says: RegExp][] = [
  ['100 MB as JSON', 'huge', /more than 33554432 bytes/],
  ['an event without an end', 'endless_event', /more than 33554432 bytes/],
  ['an event of endless lines', 'endless_lines', /more than 33554432 bytes/],
  ['a compression bomb', 'bomb', /compressed its answer/],
  ['a redirect to the metadata service', 'redirect', /redirect \(HTTP 307\), which is not followed/],
  ['a challenge for the caller', 'challenge', /refused the credentials that this proxy holds/],
  ['the answer to somebody else', 'foreign_id', /ended its answer before it was complete/],
  ['two messages in one body', 'two_frames', /ended its answer before it was complete/],
  ['a batch', 'batch', /ended its answer before it was complete/],
  ['half an answer', 'cut', /could not be reached/],
]

test.each(answers)('%s fails the call and nothing else', async (_what, tool, says) => {
  let answer: Awaited<ReturnType<RawSession['call']>> | undefined
  const grown = await watchMemory(async () => {
    answer = await session.call(tool, {}, `call-${tool}`)
  })
  expect(answer?.messages.at(-1)).toMatchObject({ id: `call-${tool}`, error: { message: expect.stringMatching(says) } })
  for (const name of ['www-authenticate', 'set-cookie', 'location', 'content-encoding'])
    expect(answer?.headers.get(name)).toBeNull()
  expect(grown).toBeLessThan(400 * MB)
  expect(saysOf(await session.call('echo', { text: 'alive' }))).toBe('alive')
})

test('each of those calls stands in the record with what became of it', async () => {
  const rows = (await gateway.decisions()).filter(({ tool }) => answers.some(([, name]) => name === tool))
  expect(rows).toHaveLength(answers.length)
  for (const row of rows) expect(row).toMatchObject({ effect: 'allow', outcome: 'unknown', error: expect.any(String) })
})

test('streams that stay open after their answer hold no connections', async () => {
  const calls = Array.from({ length: 20 }, (_, index) => session.call('lingering', {}, `lingering-${index}`))
  for (const answer of await Promise.all(calls)) expect(saysOf(answer)).toBe('said')
  const ended = () => server.abandoned.filter(name => name === 'lingering')
  await expect.poll(ended, { timeout: 5_000 }).toHaveLength(20)
  expect(saysOf(await session.call('echo', { text: 'alive' }))).toBe('alive')
})

test('a server that has lost its session ends the one here too, so that the client begins anew', async () => {
  const own = await beginSession(gateway, 'hostile')
  expect(saysOf(await own.call('lost'))).toBe('The server has ended this session.')
  expect((await own.call('echo')).status).toBe(404)
})

test('a stream that breaks in the middle is taken up again, and the call is not made twice', async () => {
  expect(saysOf(await session.call('breaks', {}, 'broken'))).toBe('taken up again')
  expect(server.received.filter(({ body }) => body.includes('breaks'))).toHaveLength(1)
})

test('a server that wants to be asked again at once is asked in measure, and not when nobody waits', async () => {
  const asked = () => server.received.filter(({ headers }) => headers['last-event-id'] === 'polls').length
  const underWay = session.call('polls', {}, 'polls')
  await sleep(2_000)
  expect(asked()).toBeGreaterThan(3)
  expect(asked()).toBeLessThanOrEqual(11)
  await session.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"polls"}}')
  await underWay
  await sleep(500)
  const before = asked()
  await sleep(1_000)
  expect(asked()).toBe(before)
})

describe('endless messages', () => {
  test('take no memory with them when nobody reads them, and other calls go on', { timeout: 30_000 }, async () => {
    const stuck = new AbortController()
    const grown = await watchMemory(async () => {
      const response = await fetch(gateway.url('hostile'), {
        method: 'POST',
        headers: session.headers,
        body: callBody('endless_messages', {}, 'endless'),
        signal: stuck.signal,
      })
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      const startedAt = Date.now()
      while (Date.now() - startedAt < 4_000) expect(saysOf(await session.call('echo', { text: 'on' }))).toBe('on')
    })
    stuck.abort()
    expect(grown).toBeLessThan(300 * MB)
    await session.end()
    await expect.poll(() => server.abandoned, { timeout: 5_000 }).toContain('endless_messages')
    session = await beginSession(gateway, 'hostile')
  })
})

test('the log of the proxy holds neither bearer nor credential nor what a server said', () => {
  expect(log).toContain('an answer to no request was dropped')
  for (const secret of [gateway.key, 'the-servers-own', 'of another']) expect(log).not.toContain(secret)
})
