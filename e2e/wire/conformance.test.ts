import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Relay, startBearerRelay } from './bearer-relay'
import { outcomes } from './conformance-suite'
import { type Gateway, startGateway } from './gateway'
import { type RunningServer, serversFolder, startHttpServer, thirdPartyProblem } from './third-party'

// The protocol's own suites count the same checks through the proxy as at the server itself. With nothing listening some
// checks still pass, hence the exact totals.
const fixture = path.join(serversFolder, 'conformance-fixture.mjs')
const suites = {
  '0.1.16, every scenario': {
    package: '@modelcontextprotocol/conformance',
    words: ['--suite', 'all'],
    total: '44 passed, 0 failed',
    differs: {},
  },
  '0.2.0-alpha.12, what 2025-11-25 requires': {
    package: 'conformance-next',
    words: ['--requirements', '2025-11-25'],
    total: '81 passed, 0 failed',
    // The server ends the stream in the middle of a call. The proxy goes on with the upstream by itself and keeps its
    // client's stream open, so that there is no resumption for the suite to see.
    differs: { Total: '80 passed, 0 failed', 'server-sse-polling': '2 passed, 0 failed' },
  },
} as const

const problem = thirdPartyProblem()
describe.skipIf(problem)(`conformance ${problem}`, () => {
  let gateway: Gateway
  let direct: RunningServer
  const relays = new Map<string, Relay>()

  beforeAll(async () => {
    direct = await startHttpServer(fixture, ['http'])
    gateway = await startGateway([
      { slug: 'http', url: direct.url },
      { slug: 'stdio', command: ['node', fixture, 'stdio'] },
    ])
    for (const slug of ['http', 'stdio']) relays.set(slug, await startBearerRelay(gateway.url(slug), gateway.key))
  })
  afterAll(async () => {
    for (const relay of relays.values()) await relay.close()
    await gateway.stop()
    direct.stop()
  })

  test.each(Object.entries(suites))('server suite %s', { timeout: 300_000 }, async (_name, suite) => {
    const expected = await outcomes(suite, direct.url)
    expect(expected.Total).toBe(suite.total)
    for (const relay of relays.values())
      expect(await outcomes(suite, relay.url)).toEqual({ ...expected, ...suite.differs })
  })
})
