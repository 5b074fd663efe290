import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CHILD_BOUNDS } from '@/proxy/mcp/children'
import { SESSION_BOUNDS } from '@/proxy/mcp/sessions'
import { type Gateway, startGateway } from './gateway'
import { beginSession, type RawSession, saysOf } from './raw-client'

// Children cost memory: how many there are is bounded, and those that nobody uses end.
const command = ['node', path.join(import.meta.dirname, 'fixtures/shared-stdio.mjs')]
let gateway: Gateway
let otherKey: string
const bounds = { children: { ...CHILD_BOUNDS }, sessions: { ...SESSION_BOUNDS } }
const servers = ['own', 'too']

beforeAll(async () => {
  SESSION_BOUNDS.sweepMs = 50
  gateway = await startGateway(servers.map(slug => ({ slug, command })))
  otherKey = await gateway.newKey(
    'other',
    servers.map(server => ({ server })),
  )
})
afterAll(() => gateway.stop())

const open: RawSession[] = []
const begin = async (slug: string, key?: string) => {
  const session = await beginSession(gateway, slug, key)
  open.push(session)
  return session
}
afterEach(async () => {
  Object.assign(CHILD_BOUNDS, bounds.children)
  Object.assign(SESSION_BOUNDS, bounds.sessions)
  await Promise.all(open.splice(0).map(session => session.end()))
})

test('without being shared, each session has a child of its own', async () => {
  const sessions = [await begin('own'), await begin('own'), await begin('own', otherKey)]
  const pids = await Promise.all(sessions.map(async session => saysOf(await session.call('pid'))))
  expect(new Set(pids).size).toBe(3)
})

test('an identity has so many children of one server, and takes none from others', async () => {
  CHILD_BOUNDS.ofIdentityAndServer = 2
  const [first, second] = [await begin('own'), await begin('own')]
  // Its clients are there, as their streams say.
  const streams = await Promise.all([first.listen(), second.listen()])
  expect(streams.map(({ status }) => status)).toEqual([200, 200])
  await expect(begin('own')).rejects.toThrow(/has 2 sessions with the server own.*as many as it may/)
  await begin('own', otherKey)
  await begin('too')
  const rows = (await gateway.decisions()).filter(({ method }) => method === 'initialize')
  expect(rows).toMatchObject([
    { identity: 'agent', effect: 'deny', code: 'overloaded', message: expect.stringMatching(/as many as it may/) },
  ])
  await first.end()
  await expect.poll(() => begin('own').then(() => 'begun', String)).toBe('begun')
})

test('clients that went without saying so keep nobody out: the session that was used longest ago goes', async () => {
  CHILD_BOUNDS.ofIdentityAndServer = 2
  const [first, second] = [await begin('own'), await begin('own')]
  await first.call('pid')
  const held = first.call('hold', { name: 'longest' })
  await expect.poll(async () => saysOf(await first.call('received', {}, 'look'))).toContain('"held":"longest"')
  await second.call('pid')
  // The first was used before the second, but has a call under way.
  await begin('own')
  expect((await second.call('pid')).status).toBe(404)
  await first.call('release', { name: 'longest' }, 'release')
  expect(saysOf(await held)).toBe('released longest')
})

test('a proxy has so many children of all servers and identities together', async () => {
  CHILD_BOUNDS.ofProxy = 2
  const [first] = [await begin('own'), await begin('too', otherKey)]
  for (const key of [undefined, otherKey]) await expect(begin('too', key)).rejects.toThrow(/runs 2 children/)
  await first?.end()
  await expect.poll(() => begin('too').then(() => 'begun', String)).toBe('begun')
})

test('a child that nobody calls ends, and so does its session, though its client listens', async () => {
  const session = await begin('own')
  const pid = Number(saysOf(await session.call('pid')))
  const stream = await session.listen()
  expect(stream.status).toBe(200)
  const held = session.call('hold', { name: 'busy' })
  await expect.poll(async () => saysOf(await session.call('received', {}, 'look'))).toContain('"held":"busy"')
  SESSION_BOUNDS.childIdleMs = 1
  // A call that is under way is use enough, however often the sweep comes by.
  await new Promise(resolve => setTimeout(resolve, 500))
  await session.call('release', { name: 'busy' }, 'release')
  expect(saysOf(await held)).toBe('released busy')
  const isGone = () => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  }
  await expect.poll(isGone, { timeout: 15_000 }).toBe(true)
  expect((await session.call('echo', { text: 'x' })).status).toBe(404)
  // The stream has ended as the session has.
  await stream.text()
})

test('at the address of all servers an idle child is begun again when it is needed', async () => {
  const session = await begin('')
  const before = saysOf(await session.call('own__pid'))
  SESSION_BOUNDS.childIdleMs = 1
  await expect
    .poll(async () => saysOf(await session.call('own__pid')), { timeout: 15_000, interval: 500 })
    .not.toBe(before)
})
