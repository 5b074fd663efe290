import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Relay, startBearerRelay } from './bearer-relay'
import { outcomes } from './conformance-suite'
import { type Gateway, startGateway } from './gateway'
import { postModern } from './modern-client'
import { type RunningServer, serversFolder, startHttpServer, thirdPartyProblem } from './third-party'

const fixture = path.join(serversFolder, 'modern-fixture.mjs')
const suite = { package: 'conformance-next', words: ['--requirements', '2026-07-28'] }
/**
 * What the proxy checks although this server, which has no tasks, does not: headers that mirror arguments or name a task,
 * and requests about tasks that nobody has made, or of clients that do not offer them.
 */
const differs = {
  'http-custom-header-server-validation': '10 passed, 0 failed',
  'tasks-lifecycle': '2 passed, 7 failed',
  'tasks-capability-negotiation': '3 passed, 2 failed',
  'tasks-dispatch-and-envelope': '7 passed, 2 failed',
  Total: '167 passed, 26 failed',
}

const problem = thirdPartyProblem()
describe.skipIf(problem)(`conformance without sessions ${problem}`, () => {
  let gateway: Gateway
  let direct: RunningServer
  const relays = new Map<string, Relay>()

  beforeAll(async () => {
    direct = await startHttpServer(fixture, ['only', 'http'])
    gateway = await startGateway([])
    await gateway.add({ slug: 'web', url: direct.url }, { isApproved: false })
    await gateway.add({ slug: 'child', command: ['node', fixture, 'only', 'stdio'] }, { isApproved: false })
    for (const slug of ['web', 'child']) {
      await (await postModern(gateway.url(slug), gateway.key, 'tools/list')).text()
      await gateway.approveSeen(slug, 23)
      relays.set(slug, await startBearerRelay(gateway.url(slug), gateway.key))
    }
  })
  afterAll(async () => {
    for (const relay of relays.values()) await relay.close()
    await gateway?.stop()
    direct?.stop()
  })

  test('the suite counts the same checks through the proxy as at the server itself', { timeout: 300_000 }, async () => {
    const expected = await outcomes(suite, direct.url)
    expect(expected).toMatchObject({ Total: '154 passed, 39 failed', 'server-stateless': '29 passed, 0 failed' })
    for (const relay of relays.values()) expect(await outcomes(suite, relay.url)).toEqual({ ...expected, ...differs })
  })
})
