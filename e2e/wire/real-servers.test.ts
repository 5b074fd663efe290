import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { type RealServer, realServers } from './real-servers'
import { type Speaker, speakDirectly, speakThrough } from './sdk-client'
import { thirdPartyProblem } from './third-party'

// Servers that people use: through the proxy they show and say what they do by themselves.
const problem = thirdPartyProblem()
describe.skipIf(problem)(`servers from npm ${problem}`, () => {
  let gateway: Gateway
  const homes: string[] = []

  beforeAll(async () => {
    gateway = await startGateway([])
    writeFileSync(path.join(gateway.shared, 'note.txt'), 'a note of the test')
  })
  afterAll(async () => {
    await gateway.stop()
    for (const home of homes) rmSync(home, { recursive: true, force: true })
  })

  const newHome = () => {
    const home = mkdtempSync(path.join(tmpdir(), 'intercept-wire-home-'))
    homes.push(home)
    return home
  }
  /** The same server twice, each with a temporary folder of its own, since they run in different accounts. */
  async function both(slug: string, server: RealServer): Promise<[direct: Speaker, proxied: Speaker]> {
    const words = server.command(gateway.shared)
    const roots = [gateway.shared]
    const home = newHome()
    const direct = await speakDirectly(words, { environment: { ...server.environment, TMPDIR: home }, home, roots })
    const environment = { ...server.environment, TMPDIR: gateway.shared }
    await gateway.add({ slug, command: ['node', ...words], environment })
    return [direct, await speakThrough(gateway.url(slug), gateway.key, roots)]
  }

  test.for(Object.entries(realServers))('%s', { timeout: 120_000 }, async ([slug, server], context) => {
    // Said by name, so that nobody takes it for a server that was tried.
    if (server.needs && !existsSync(server.needs))
      return context.skip(`${slug} needs ${server.needs}, which is not here`)
    const [direct, proxied] = await both(slug, server)
    const shown = await direct.request('tools/list')
    const tools = shown.tools as { name: string }[]
    const hidden = server.hidden ?? []
    expect(tools.length).toBeGreaterThan(hidden.length)
    const left = tools.filter(({ name }) => !hidden.includes(name))
    expect(await proxied.request('tools/list')).toEqual({ ...shown, tools: left })
    if (hidden.length > 0) await gateway.approveSeen(slug, tools.length)
    expect(await proxied.request('tools/list')).toEqual(shown)

    for (const call of server.calls(gateway.shared)) {
      const said = await direct.request('tools/call', { name: call.name, arguments: call.arguments })
      expect(JSON.stringify(said)).toMatch(call.says)
      expect(await proxied.request('tools/call', { name: call.name, arguments: call.arguments })).toEqual(said)
    }
    expect(proxied.client.getServerVersion()).toEqual(direct.client.getServerVersion())
    expect(proxied.client.getInstructions()).toEqual(direct.client.getInstructions())
    expect(proxied.asked).toEqual(direct.asked)
    expect(direct.asked).toEqual(expect.arrayContaining(server.asks ?? []))
    await Promise.all([direct.close(), proxied.close()])
  })
})
