import { expect, test } from 'vitest'
import type { EnforcedServer, Enforcement } from '../enforcement'
import { silentLog } from '../log'
import { type Message, readUpstreamMessage } from './messages'
import { ModernServers } from './modern-servers'
import { MODERN_VERSION } from './modern-version'
import type { UpstreamEvents } from './upstream'
import { UpstreamRefused } from './upstream'

const serverWith = (command: string): EnforcedServer => ({
  id: 'server',
  slug: 'server',
  transport: 'stdio',
  command: [command],
  url: null,
  allowPrivate: false,
  sealed: null,
  drift: 'block',
  argumentsKept: 'masked',
  tools: new Map(),
  policies: [],
})
const server = serverWith('first')
const enforcementWith = (...servers: EnforcedServer[]) =>
  ({ servers: new Map(servers.map(one => [one.slug, one])) }) as unknown as Enforcement

type Answer = object | 'dies'
const modern = { result: { supportedVersions: [MODERN_VERSION] } }
const older = { error: { code: -32_601, message: 'Method not found' } }

/** Children that answer each request with what `answer` says. */
function serversWith(answer: () => Answer) {
  const children = { started: 0, closed: 0, asked: [] as string[] }
  const open = (_server: EnforcedServer, _identityId: string, events: UpstreamEvents) => {
    children.started += 1
    const send = (text: string) => {
      const { id, method } = JSON.parse(text)
      children.asked.push(method)
      const said = answer()
      if (said === 'dies') return events.onClose('It died.')
      const back = JSON.stringify({ jsonrpc: '2.0', id, ...said })
      setImmediate(() => events.onMessage(readUpstreamMessage(back) as Message, back, null))
    }
    const close = async () => {
      children.closed += 1
    }
    return { send, settle: () => undefined, close }
  }
  const wayTo = () => {
    throw new UpstreamRefused('not over HTTP')
  }
  return { children, servers: new ModernServers({ openChild: open, wayTo }, () => undefined, silentLog) }
}

test('a server is asked once which protocol it speaks, however many come at once', async () => {
  const { children, servers } = serversWith(() => modern)
  expect(servers.isKnown(server)).toBe(false)
  const ways = await Promise.all(['a', 'a', 'a'].map(identity => servers.reach(server, identity)))
  expect(new Set(ways.map(way => way?.leg)).size).toBe(1)
  expect(await servers.reach(server, 'a')).toBe(ways[0])
  expect(children).toEqual({ started: 1, closed: 0, asked: ['server/discover'] })
  expect(servers.isKnown(server)).toBe(true)
})

test('no child serves two identities', async () => {
  const { children, servers } = serversWith(() => modern)
  const [first, second] = [await servers.reach(server, 'a'), await servers.reach(server, 'b')]
  expect(first?.leg).not.toBe(second?.leg)
  expect(children).toMatchObject({ started: 2, asked: ['server/discover'] })
})

const others: [what: string, answer: Answer, asked: number][] = [
  ['refuses the question', older, 1],
  ['speaks another version', { result: { supportedVersions: ['2099-01-01'] } }, 1],
  ['answers with nothing of use', { result: {} }, 1],
]
test.each(others)(
  'a server that %s is left to its older protocol, and its child is ended',
  async (_what, said, asked) => {
    const { children, servers } = serversWith(() => said)
    for (let i = 0; i < 3; i++) expect(await servers.reach(server, 'a')).toBeNull()
    expect(children).toMatchObject({ started: 1, closed: 1 })
    expect(children.asked).toHaveLength(asked)
  },
)

test('a server that did not answer is asked again before long', async () => {
  let said: Answer = 'dies'
  const { children, servers } = serversWith(() => said)
  expect(await servers.reach(server, 'a')).toBeNull()
  said = modern
  expect(await servers.reach(server, 'a')).toBeNull()
  servers.doubt(server)
  expect(await servers.reach(server, 'a')).not.toBeNull()
  expect(children.started).toBe(2)
})

test('a server that answers like an older one is asked again at once', async () => {
  let said: Answer = modern
  const { servers } = serversWith(() => said)
  expect(await servers.reach(server, 'a')).not.toBeNull()
  said = older
  servers.doubt(server)
  expect(await servers.reach(server, 'a')).toBeNull()
})

test('what is reached in another way now, or not at all, begins anew', async () => {
  const { children, servers } = serversWith(() => modern)
  await servers.reach(server, 'a')
  servers.onActivate(enforcementWith(server))
  expect(children.closed).toBe(0)
  const changed = serverWith('second')
  servers.onActivate(enforcementWith(changed))
  expect(children.closed).toBe(1)
  await servers.reach(changed, 'a')
  expect(children.asked).toEqual(['server/discover', 'server/discover'])
  servers.onActivate(enforcementWith())
  expect(children.closed).toBe(2)
})

test('a child that nobody uses is ended, and one with work is not', async () => {
  const { children, servers } = serversWith(() => modern)
  const way = await servers.reach(server, 'a')
  servers.sweep(Date.now())
  expect(children.closed).toBe(0)
  servers.sweep(Date.now() + 3_600_000)
  expect(children.closed).toBe(1)
  expect((await servers.reach(server, 'a'))?.leg).not.toBe(way?.leg)
})
