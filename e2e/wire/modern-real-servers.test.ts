import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { envelope, messagesOf, postModern } from './modern-client'
import { realServers } from './real-servers'
import { thirdPartyProblem } from './third-party'

// Of the servers from npm, those that speak the protocol without sessions.
const slugs = ['mongodb', 'context7'] as const
const problem = thirdPartyProblem()

describe.skipIf(problem)(`servers from npm without sessions ${problem}`, () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway([])
  })
  afterAll(() => gateway?.stop())

  /** What the server itself answers to these requests, in their order. */
  async function directly(words: string[], environment: Record<string, string>, asked: [string, object][]) {
    const env: Record<string, string> = {
      PATH: process.env.PATH ?? '',
      LANG: 'C.UTF-8',
      HOME: gateway.shared,
      ...environment,
    }
    const child = spawn(process.execPath, words, { env: env as NodeJS.ProcessEnv, stdio: ['pipe', 'pipe', 'ignore'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const results = []
    for (const [method, params] of asked) {
      const body = { jsonrpc: '2.0', id: 7, method, params: { _meta: envelope, ...params } }
      child.stdin.write(`${JSON.stringify(body)}\n`)
      let message: { id?: number; result?: Record<string, unknown> } = {}
      while (message.id !== 7) message = JSON.parse((await lines.next()).value)
      results.push(message.result)
    }
    child.kill()
    return results
  }

  test.each(slugs)('%s says through the proxy what it says by itself', { timeout: 90_000 }, async slug => {
    const server = realServers[slug]
    if (!server) throw new Error(`${slug} is not among the servers`)
    const { command, environment = {}, calls } = server
    const words = command(gateway.shared)
    const own = { ...environment, TMPDIR: gateway.shared }
    const call = calls(gateway.shared)[0]
    const named = { name: call?.name, arguments: call?.arguments }
    const [discovered, listed, said] = await directly(words, own, [
      ['server/discover', {}],
      ['tools/list', {}],
      ['tools/call', named],
    ])
    const { tools } = listed as { tools: unknown[] }
    await gateway.add({ slug, command: ['node', ...words], environment: own }, { isApproved: false })
    const ask = async (method: string, params = {}) =>
      (await messagesOf(await postModern(gateway.url(slug), gateway.key, method, params)))[0]?.result

    expect(await ask('tools/list')).toMatchObject({ tools: [] })
    await gateway.approveSeen(slug, tools.length)
    const soonStale = { cacheScope: 'private', ttlMs: expect.any(Number) }
    expect(await ask('tools/list')).toEqual({ ...listed, ...soonStale })
    expect(await ask('tools/call', named)).toEqual(said)
    expect(await ask('server/discover')).toMatchObject({
      ...discovered,
      ...soonStale,
      capabilities: { tools: { listChanged: true } },
      supportedVersions: expect.arrayContaining(['2026-07-28']),
    })
  })
})
