import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { fileOf, newerNode, run, serversFolder, thirdPartyProblem } from './third-party'

// The protocol's suite plays the server and judges its client: here, the proxy's own leg to its upstream.
const problem = thirdPartyProblem()
describe.skipIf(problem)(`the suite as the server ${problem}`, () => {
  let gateway: Gateway
  let door: Server
  let count = 0

  beforeAll(async () => {
    gateway = await startGateway([])
    // The suite names its server's address only when it is there: this adds it to the proxy and tells the way.
    door = createServer(async (request, response) => {
      let url = ''
      for await (const chunk of request) url += chunk
      const slug = `judged-${++count}`
      try {
        await gateway.add({ slug, url })
        response.end(JSON.stringify({ url: gateway.url(slug), key: gateway.key }))
      } catch (error) {
        response.writeHead(500).end((error as Error).message)
      }
    })
    await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    door.close()
    await gateway.stop()
  })

  async function judge(scenario: string, environment: Record<string, string>): Promise<string> {
    const command = `${process.execPath} ${path.join(serversFolder, 'judged-client.mjs')}`
    const index = fileOf('@modelcontextprotocol/conformance/dist/index.js')
    const { output } = await run(
      newerNode,
      [index, 'client', '--command', command, '--scenario', scenario],
      50_000,
      environment,
    )
    return /Passed: .*|(\d+ passed.*)/.exec(output)?.[0] ?? output.slice(-3_000)
  }

  // `initialize` counts one check for each begun session: the admin's scan begins one too.
  test.each([
    ['initialize', 1, 2],
    ['tools_call', 1, 1],
    ['elicitation-sep1034-client-defaults', 5, 5],
    ['sse-retry', 3, 3],
  ])('%s: %i checks directly, %i through the proxy', { timeout: 120_000 }, async (scenario, direct, through) => {
    const all = (checks: number) => `Passed: ${checks}/${checks}, 0 failed, 0 warnings`
    expect(await judge(scenario, {})).toBe(all(direct))
    const { port } = door.address() as AddressInfo
    expect(await judge(scenario, { JUDGED_DOOR: `http://127.0.0.1:${port}/` })).toBe(all(through))
  })
})
