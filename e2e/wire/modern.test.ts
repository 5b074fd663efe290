import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { connectModern, messagesOf, postModern, VERSION } from './modern-client'
import { type RunningServer, serversFolder, startHttpServer, thirdPartyProblem } from './third-party'

const problem = thirdPartyProblem()
const fixture = path.join(serversFolder, 'modern-fixture.mjs')
const elicits = 'test_input_required_result_elicitation'
/** @param hidden one more tool that is hidden @param more entries */
const policyOf = (hidden = '', more = '') => `
default: allow
hide: [test_audio_content${hidden && `, ${hidden}`}]
tools:
  test_image_content: { rules: [{ name: no pictures, action: deny, reason: No pictures. }] }
  test_error_handling:
    rules: [{ name: seldom, action: allow, rate_limit: { max: 2, window: hour, per: session } }]
${more}`
const policy = policyOf()

describe.skipIf(problem)(`the stateless protocol ${problem}`, () => {
  let web: RunningServer
  let gateway: Gateway
  beforeAll(async () => {
    web = await startHttpServer(fixture, ['only', 'http'])
    gateway = await startGateway([
      { slug: 'both', command: ['node', fixture, 'stdio'] },
      { slug: 'older', command: ['node', path.join(serversFolder, 'conformance-fixture.mjs'), 'stdio'] },
    ])
    await gateway.add({ slug: 'web', url: web.url })
    await gateway.add({ slug: 'child', command: ['node', fixture, 'only', 'stdio'] })
    await gateway.publish(policy)
  })
  afterAll(async () => {
    await gateway?.stop()
    web?.stop()
  })

  const post = (
    slug: string,
    ...rest: Parameters<typeof postModern> extends [unknown, unknown, ...infer R] ? R : never
  ) => postModern(gateway.url(slug), gateway.key, ...rest)
  const seen = async () => (await fetch(web.url.replace('/mcp', '/seen'))).json()

  test('a client of both protocols falls back where the server is older, and one that insists is told', async () => {
    const client = await connectModern(gateway.url('older'), gateway.key, 'auto')
    expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('test_structured')
    expect(tools.map(({ name }) => name)).not.toContain('test_audio_content')
    await client.close()
    await expect(connectModern(gateway.url('older'), gateway.key, VERSION)).rejects.toThrow()
    const refused = await post('older', 'tools/call', { name: 'test_structured', arguments: {} })
    expect(refused.status).toBe(400)
    expect((await refused.json()).error.code).toBe(-32_000)
  })

  test('at the address of all servers a client of both falls back, and finds those of every protocol but one', async () => {
    const client = await connectModern(gateway.url('both').replace(/\/both$/, ''), gateway.key, 'auto')
    expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25')
    const slugs = async () => new Set((await client.listTools()).tools.map(({ name }) => name.split('__')[0]))
    // Those that speak only the stateless protocol have addresses of their own (docs/decisions/eras.md).
    await expect.poll(async () => [...(await slugs())].sort()).toEqual(['both', 'older'])
    const result = await client.callTool({ name: 'older__test_simple_text', arguments: {} })
    expect(result).toMatchObject({ content: [{ text: 'This is a simple text response for testing.' }] })
    await client.close()
  })

  test('a server of both protocols is called in the newer as it was approved in the older', async () => {
    const client = await connectModern(gateway.url('both'), gateway.key, 'auto')
    expect(client.getNegotiatedProtocolVersion()).toBe(VERSION)
    const result = await client.callTool({ name: 'test_simple_text', arguments: {} })
    expect(result).toMatchObject({ content: [{ text: 'This is a simple text response for testing.' }] })
    // The older protocol has no lists as output, so this definition is another one there.
    const drifted = await client.callTool({ name: 'test_structured', arguments: {} })
    expect(drifted).toMatchObject({ _meta: { 'intercept/decision': { code: 'definition_drift' } } })
    await client.close()
  })

  test.each(['web', 'child'])(
    '%s: the list is filtered, private and soon stale; all else of it is kept',
    async slug => {
      const client = await connectModern(gateway.url(slug), gateway.key, VERSION)
      expect(client.getNegotiatedProtocolVersion()).toBe(VERSION)
      await client.listTools()
      await client.close()
      const [through] = await messagesOf(await post(slug, 'tools/list'))
      const [direct] = await messagesOf(await postModern(web.url, null, 'tools/list'))
      const result = (message = {}) => (message as { result: { tools: { name: string }[] } }).result
      const expected = result(direct).tools.filter(({ name }) => name !== 'test_audio_content')
      expect(result(through)).toEqual({ ...result(direct), tools: expected, cacheScope: 'private', ttlMs: 5_000 })
    },
  )

  test.each(['web', 'child'])(
    '%s: a call is allowed, denied, hidden and limited, and recorded without a session',
    async slug => {
      // A limit is its rule's, whichever server is called.
      const key = await gateway.newKey(`caller-of-${slug}`, [{ server: slug }])
      const client = await connectModern(gateway.url(slug), key, VERSION)
      const call = (name: string) => client.callTool({ name, arguments: {} })
      expect(await call('test_structured')).toMatchObject({
        structuredContent: [7, 8],
        'com.example/kept': { future: true },
      })
      expect(await call('test_image_content')).toMatchObject({
        isError: true,
        _meta: { 'intercept/decision': { code: 'policy_denied', rule: 'no pictures' } },
      })
      for (const name of ['test_audio_content', 'no_such_tool'])
        expect(await call(name)).toMatchObject({ _meta: { 'intercept/decision': { code: 'not_available' } } })
      const codes = []
      for (let i = 0; i < 3; i++) {
        const { _meta } = (await call('test_error_handling')) as { _meta?: { 'intercept/decision'?: { code: string } } }
        codes.push(_meta?.['intercept/decision']?.code)
      }
      expect(codes).toEqual([undefined, undefined, 'rate_limited'])
      expect((await client.readResource({ uri: 'test://template/9/data' })).cacheScope).toBe('private')
      expect(await client.getPrompt({ name: 'test_simple_prompt' })).toHaveProperty('messages')
      await client.close()
      const rows = (await gateway.decisions()).filter(({ tool }) => tool === 'test_structured')
      expect(rows.at(-1)).toMatchObject({ effect: 'allow', outcome: 'result', session: null, client_name: 'second' })
    },
  )

  test.each(['web', 'child'])('%s: each round trip of a call that wants input is judged anew', async slug => {
    const client = await connectModern(gateway.url(slug), gateway.key, VERSION)
    const before = (await gateway.decisions()).length
    expect(await client.callTool({ name: elicits, arguments: {} })).toMatchObject({
      content: [{ text: 'Hello, Ada!' }],
    })
    await client.close()
    const rows = (await gateway.decisions()).slice(before)
    expect(rows.map(({ tool, effect }) => [tool, effect])).toEqual([
      [elicits, 'allow'],
      ['server/elicitation/create', 'allow'],
      [elicits, 'allow'],
    ])
    const given = { inputResponses: { user_name: { action: 'accept', content: { name: 'Eve' } } } }
    await gateway.publish(policyOf('', `  ${elicits}: { rules: [{ name: closed, action: deny, reason: Closed. }] }\n`))
    const [late] = await messagesOf(await post(slug, 'tools/call', { name: elicits, arguments: {}, ...given }))
    expect(late).toMatchObject({ result: { resultType: 'complete', isError: true } })
    await gateway.publish(policy)
  })

  test('what a server wants of its client is refused where it is not granted', async () => {
    const key = await gateway.newKey('unasked', [{ server: 'web', tools: ['*'] }])
    const answer = await postModern(gateway.url('web'), key, 'tools/call', { name: elicits, arguments: {} })
    const [message] = await messagesOf(answer)
    expect(message).toMatchObject({
      result: { isError: true, _meta: { 'intercept/decision': { code: 'not_available' } } },
    })
    expect(message?.result).not.toHaveProperty('inputRequests')
  })

  test.each(['web', 'child'])(
    '%s: a subscription is acknowledged first, and tells when a policy changes the list',
    async slug => {
      const client = await connectModern(gateway.url(slug), gateway.key, VERSION)
      let changes = 0
      client.setNotificationHandler('notifications/tools/list_changed', () => void changes++)
      const subscription = await client.listen({ toolsListChanged: true })
      await gateway.publish(policyOf('test_slow'))
      await expect.poll(() => changes).toBe(1)
      expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('test_slow')
      await client.callTool({ name: 'test_trigger_tool_change', arguments: {} })
      await expect.poll(() => changes).toBe(2)
      await subscription.close()
      await client.close()
      await gateway.publish(policy)
    },
  )

  test('subscriptions name themselves, and leave out what is not granted', async () => {
    const key = await gateway.newKey('reader', [{ server: 'web', tools: ['*', 'resources/test://static-text'] }])
    const uris = ['test://static-text', 'test://static-binary']
    const wish = { notifications: { toolsListChanged: true, resourceSubscriptions: uris } }
    const stop = new AbortController()
    const stream = await postModern(gateway.url('web'), key, 'subscriptions/listen', wish, { signal: stop.signal })
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = (await reader?.read())?.value ?? ''
    expect(JSON.parse(/^data: (.*)$/m.exec(first)?.[1] ?? '')).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions: ['test://static-text'] },
        _meta: { 'io.modelcontextprotocol/subscriptionId': 7 },
      },
    })
    stop.abort()
  })

  test.each(['web', 'child'])(
    '%s: progress comes on the stream of its call, with the token of its client',
    async slug => {
      const client = await connectModern(gateway.url(slug), gateway.key, VERSION)
      const progress: number[] = []
      const onprogress = (note: { progress: number }) => void progress.push(note.progress)
      await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress })
      expect(progress).toEqual([0, 50, 100])
      await client.close()
    },
  )

  test('closing the stream cancels the call at the server, and the outcome is recorded', async () => {
    const stop = new AbortController()
    const call = { name: 'test_slow', arguments: { ms: 20_000 } }
    const hanging = post('web', 'tools/call', call, { signal: stop.signal }).catch(() => null)
    await expect.poll(async () => (await seen()).calls.map(({ name }: { name: string }) => name)).toContain('test_slow')
    stop.abort()
    await hanging
    await expect.poll(async () => (await seen()).cancelled).toContain('test_slow')
    const row = (await gateway.decisions()).findLast(({ tool }) => tool === 'test_slow')
    expect(row).toMatchObject({ outcome: 'unknown', error: 'Cancelled by the client.' })
  })

  const call = { name: 'test_mirrored', arguments: { region: 'Zürich', count: 3, place: { floor: 2 } } }
  const region = `=?base64?${Buffer.from('Zürich').toString('base64')}?=`
  const agreeing = { 'mcp-param-region': region, 'mcp-param-count': '3', 'mcp-param-floor': '2' }

  test('headers that say what the body says go on with it, and so do those that nobody here knows', async () => {
    const headers = { ...agreeing, 'mcp-param-count': '3.0', 'mcp-param-other': 'x', cookie: 'a=b', 'x-mine': 'y' }
    const answer = await post('web', 'tools/call', call, { headers })
    expect(await messagesOf(answer)).toMatchObject([
      { result: { content: [{ text: JSON.stringify(call.arguments) }] } },
    ])
    const last = (await seen()).headers.at(-1)
    expect(last).toMatchObject({ 'mcp-name': 'test_mirrored', 'mcp-param-region': region, 'mcp-param-other': 'x' })
    for (const name of ['authorization', 'cookie', 'x-mine']) expect(last).not.toHaveProperty(name)
  })

  const mismatches: [what: string, headers: Record<string, string | undefined>][] = [
    ['no version', { 'mcp-protocol-version': undefined }],
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
    ['no method', { 'mcp-method': undefined }],
    ['another method', { 'mcp-method': 'tools/list' }],
    ['a method of another case', { 'mcp-method': 'Tools/Call' }],
    ['an encoded method', { 'mcp-method': '=?base64?dG9vbHMvY2FsbA==?=' }],
    ['no name', { 'mcp-name': undefined }],
    ['the name of a tool that is allowed', { 'mcp-name': 'test_simple_text' }],
    ['a name that does not decode', { 'mcp-name': '=?base64?dGVzdF9taXJyb3JlZA?=' }],
    ['a name with bytes beyond ASCII', { 'mcp-name': 'test_mirrored\u00e9' }],
    ['no parameter', { 'mcp-param-region': undefined }],
    ['another parameter', { 'mcp-param-region': 'Bern' }],
    ['a parameter that is no number', { 'mcp-param-count': '0x3' }],
    ['another nested parameter', { 'mcp-param-floor': '3' }],
  ]
  test.each(mismatches)(
    '%s in the headers is refused, recorded, and never reaches the server',
    async (_what, wrong) => {
      const before = (await seen()).calls.length
      const answer = await post('web', 'tools/call', call, { headers: { ...agreeing, ...wrong } })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ id: 7, error: { code: -32_020 } })
      expect((await seen()).calls).toHaveLength(before)
      expect((await gateway.decisions()).at(-1)).toMatchObject({ effect: 'deny', code: 'malformed' })
    },
  )

  const refusals: [what: string, method: string, params: object, status: number, code: number][] = [
    ['a method that is not carried', 'tasks/list', {}, 404, -32_601],
    ['a task, by who does not offer to read any', 'tasks/get', { taskId: 't' }, 400, -32_021],
    ['a method of the older protocol', 'ping', {}, 404, -32_601],
    ['a request without its version', 'tools/list', { _meta: {} }, 400, -32_602],
  ]
  test.each(refusals)('%s is refused as the protocol says', async (_what, method, params, status, code) => {
    const answer = await post('web', method, params as Record<string, unknown>)
    expect([answer.status, (await answer.json()).error.code]).toEqual([status, code])
  })

  test('another version is refused with the one that is spoken', async () => {
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' }
    const headers = { 'mcp-protocol-version': '2099-01-01' }
    const answer = await post('web', 'tools/list', { _meta }, { headers })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: -32_022, data: { supported: [VERSION] } } })
  })

  test('who is granted nothing sees nothing, and starts nothing', async () => {
    const key = await gateway.newKey('stranger', [])
    const [listed] = await messagesOf(await postModern(gateway.url('web'), key, 'tools/list'))
    expect(listed).toMatchObject({ result: { tools: [] } })
    const name = 'test_simple_text'
    const [called] = await messagesOf(await postModern(gateway.url('web'), key, 'tools/call', { name, arguments: {} }))
    expect(called).toMatchObject({ result: { _meta: { 'intercept/decision': { code: 'not_available' } } } })
  })
})
