import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { speakThrough } from './sdk-client'
import { fileOf, type RunningServer, run, serversFolder, startHttpServer, thirdPartyProblem } from './third-party'

// Clients that people use, before one policy that hides a tool and denies another.
const fixture = path.join(serversFolder, 'conformance-fixture.mjs')
const policy = `
default: allow
hide: [test_audio_content]
tools:
  test_image_content:
    rules: [{ name: no pictures, action: deny, reason: No pictures here. }]
`
const problem = thirdPartyProblem()
let gateway: Gateway
let server: RunningServer

beforeAll(async () => {
  server = await startHttpServer(fixture, ['http'])
  gateway = await startGateway([
    { slug: 'http', url: server.url },
    { slug: 'stdio', command: ['node', fixture, 'stdio'] },
  ])
  await gateway.publish(policy)
})
afterAll(async () => {
  await gateway.stop()
  server.stop()
})

const denied = {
  isError: true,
  content: [{ type: 'text', text: '[INTERCEPT POLICY DENIED] No pictures here.' }],
  _meta: { 'intercept/decision': { code: 'policy_denied', rule: 'no pictures' } },
}

describe.each(['http', 'stdio'])('a server over %s', slug => {
  test('the client of the SDK lists, calls, is denied, reads, hears progress and is asked', async () => {
    const { client, asked, close } = await speakThrough(gateway.url(slug), gateway.key, ['/tmp'])
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toContain('test_image_content')
    expect(names).not.toContain('test_audio_content')
    expect(await client.callTool({ name: 'test_structured', arguments: {} })).toMatchObject({
      structuredContent: { n: 7 },
    })
    expect(await client.callTool({ name: 'test_image_content', arguments: {} })).toMatchObject(denied)
    const read = await client.readResource({ uri: 'test://template/9/data' })
    expect(read.contents).toMatchObject([{ text: expect.stringContaining('Data for ID: 9') }])
    const progress: number[] = []
    const onprogress = (note: { progress: number }) => void progress.push(note.progress)
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, undefined, { onprogress })
    expect(progress).toEqual([0, 50, 100])
    expect(JSON.stringify(await client.callTool({ name: 'test_roots', arguments: {} }))).toContain('a root')
    expect(asked).toEqual(['roots/list'])
    await close()
  })

  test.skipIf(problem)(`a client of the SDK's second generation falls back to sessions ${problem}`, async () => {
    const script = path.join(serversFolder, 'second-client.mjs')
    for (const mode of ['auto', 'legacy']) {
      const { output } = await run(process.execPath, [script, gateway.url(slug), gateway.key, mode], 20_000)
      const saw = JSON.parse(output)
      expect(saw).toMatchObject({ version: '2025-11-25', called: { structuredContent: { n: 7 } }, denied })
      expect(saw.tools).not.toContain('test_audio_content')
      expect(saw.read.contents).toHaveLength(1)
      expect(saw.prompt.messages).toHaveLength(1)
    }
    const { output } = await run(process.execPath, [script, gateway.url(slug), gateway.key, '2026-07-28'], 20_000)
    expect(JSON.parse(output)).toHaveProperty('failed')
  })

  test.skipIf(problem)(`the Inspector lists, calls and is denied ${problem}`, async () => {
    const index = fileOf('@modelcontextprotocol/inspector/cli/build/cli.js')
    const header = ['--header', `Authorization: Bearer ${gateway.key}`]
    const inspect = (...words: string[]) =>
      run(process.execPath, [index, '--cli', gateway.url(slug), '--transport', 'http', ...header, ...words], 30_000)
    const [listed, called, refused] = await Promise.all([
      inspect('--method', 'tools/list'),
      inspect('--method', 'tools/call', '--tool-name', 'json_schema_2020_12_tool', '--tool-arg', 'name=bob'),
      inspect('--method', 'tools/call', '--tool-name', 'test_image_content'),
    ])
    const names = JSON.parse(listed.output).tools.map(({ name }: { name: string }) => name)
    expect(names).toHaveLength(16)
    expect(names).not.toContain('test_audio_content')
    expect(JSON.parse(called.output).content[0].text).toBe('{"name":"bob"}')
    expect(JSON.parse(refused.output)).toMatchObject(denied)
  })
})
