// An MCP server of the stateless protocol (2026-07-28), on the SDK's second generation, with the low-level Server so that
// every payload is exactly what is written here. It also serves the older protocol unless told `only`.
//   node modern-fixture.mjs [only] http PORT   -> http://127.0.0.1:PORT/mcp ; GET /seen tells what arrived
//   node modern-fixture.mjs [only] stdio
import { createHmac } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  Server,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

const words = process.argv.slice(2)
const isOnly = words[0] === 'only'
if (isOnly) words.shift()
const [transport, port] = words

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const text = words => ({ content: [{ type: 'text', text: words }] })
const noArgs = { type: 'object', properties: {} }
const tool = (name, inputSchema = noArgs, more = {}) => ({ name, description: `Does ${name}.`, inputSchema, ...more })
const ask = properties => ({ type: 'object', properties, required: Object.keys(properties) })
const elicit = (message, properties) => ({
  method: 'elicitation/create',
  params: { mode: 'form', message, requestedSchema: ask(properties) },
})
const sample = (words, maxTokens) => ({
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens },
})
const roots = { method: 'roots/list', params: {} }
const wanting = (inputRequests, requestState) => ({ resultType: 'input_required', inputRequests, requestState })
const signed = state => `${state}.${createHmac('sha256', 'fixture').update(state).digest('hex')}`
const accepted = (responses, key) => (responses?.[key]?.action === 'accept' ? responses[key].content : undefined)

const TOOLS = [
  tool('test_simple_text', noArgs, {
    title: 'Simple text',
    annotations: { readOnlyHint: true },
    icons: [{ src: `data:image/png;base64,${PNG}`, mimeType: 'image/png' }],
    _meta: { 'com.example.fixture/probe': { nested: [1, { deep: true }] } },
  }),
  ...['image_content', 'audio_content', 'embedded_resource', 'multiple_content_types', 'error_handling'].map(name =>
    tool(`test_${name}`),
  ),
  tool('test_tool_with_progress'),
  tool('test_structured', noArgs, { outputSchema: { type: 'array', items: { type: 'number' } } }),
  tool('test_slow', { type: 'object', properties: { ms: { type: 'number' } } }),
  tool('test_mirrored', {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      place: { type: 'object', properties: { floor: { type: 'integer', 'x-mcp-header': 'Floor' } } },
    },
  }),
  tool('test_trigger_tool_change'),
  tool('test_missing_capability'),
  tool('test_streaming_elicitation'),
  tool('test_logging_tool'),
  tool('json_schema_2020_12_tool', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  }),
  ...'elicitation sampling list_roots request_state multiple_inputs multi_round tampered_state capabilities'
    .split(' ')
    .map(name => tool(`test_input_required_result_${name}`)),
]

const name = elicit('What is your name?', { name: { type: 'string' } })
/** What each tool that wants input answers, by what it was given: more wants, or a result. */
const INPUT = {
  elicitation: given => {
    const answer = accepted(given, 'user_name')
    return typeof answer?.name === 'string' ? text(`Hello, ${answer.name}!`) : wanting({ user_name: name })
  },
  sampling: given =>
    given?.capital_question?.content
      ? text(given.capital_question.content.text)
      : wanting({ capital_question: sample('What is the capital of France?', 100) }),
  list_roots: given =>
    given?.client_roots?.roots
      ? text(given.client_roots.roots.map(({ uri }) => uri).join())
      : wanting({ client_roots: roots }),
  request_state: (given, state) =>
    accepted(given, 'confirm') && state === signed('state')
      ? text('state-ok')
      : wanting({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, signed('state')),
  multiple_inputs: (given, state) =>
    accepted(given, 'user_name') && given.greeting && given.client_roots && state
      ? text('all three')
      : wanting({ user_name: name, greeting: sample('Generate a greeting', 50), client_roots: roots }, signed('many')),
  multi_round: (given, state) => {
    if (state === signed('2') && accepted(given, 'step2')) return text('done')
    if (state === signed('1') && accepted(given, 'step1'))
      return wanting(
        { step2: elicit('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
        signed('2'),
      )
    return wanting({ step1: elicit('Step 1: What is your name?', { name: { type: 'string' } }) }, signed('1'))
  },
  capabilities: (_given, _state, offered) =>
    wanting({
      ...(offered?.sampling ? { greeting: sample('Generate a greeting', 50) } : {}),
      ...(offered?.elicitation ? { user_name: name } : {}),
    }),
  tampered_state: (given, state) => {
    if (state !== undefined && state !== signed('whole')) throw new ProtocolError(-32602, 'The state was changed.')
    return given ? text('whole') : wanting({ confirm: elicit('Go on?', { ok: { type: 'boolean' } }) }, signed('whole'))
  },
}

/** What arrived and what was cancelled, for tests to look at. */
const seen = { calls: [], cancelled: [], headers: [] }
/** A child has no address, so it writes to a file. */
function note(kind, what) {
  seen[kind].push(what)
  if (process.env.SEEN_LOG) appendFileSync(process.env.SEEN_LOG, `${JSON.stringify([kind, what])}\n`)
}
let tellToolsChanged = () => undefined

async function call({ params }, { mcpReq }) {
  note('calls', { name: params.name, arguments: params.arguments, given: mcpReq.inputResponses })
  mcpReq.signal?.addEventListener('abort', () => note('cancelled', params.name))
  const [, want] = /^test_input_required_result_(.*)$/.exec(params.name) ?? []
  const offered = mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities']
  if (want && INPUT[want]) return INPUT[want](mcpReq.inputResponses, mcpReq.requestState?.(), offered)
  switch (params.name) {
    case 'test_simple_text':
      return text('This is a simple text response for testing.')
    case 'test_image_content':
      return { content: [{ type: 'image', data: PNG, mimeType: 'image/png' }] }
    case 'test_audio_content':
      return { content: [{ type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' }] }
    case 'test_embedded_resource':
      return { content: [embedded('test://embedded-resource', 'This is an embedded resource content.')] }
    case 'test_multiple_content_types':
      return {
        content: [
          { type: 'text', text: 'Multiple content types test:' },
          { type: 'image', data: PNG, mimeType: 'image/png' },
          embedded('test://mixed-content-resource', '{"test":"data","value":123}'),
        ],
      }
    case 'test_error_handling':
      return {
        isError: true,
        content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
      }
    case 'test_tool_with_progress': {
      const progressToken = mcpReq._meta?.progressToken
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined)
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
        await sleep(20)
      }
      return text('made progress')
    }
    case 'test_structured':
      return { ...text('[7,8]'), structuredContent: [7, 8], 'com.example/kept': { future: true } }
    case 'test_slow':
      await sleep(params.arguments?.ms ?? 1_000)
      return text('slept')
    case 'test_mirrored':
      return text(JSON.stringify(params.arguments))
    case 'test_missing_capability':
      if (!offered?.sampling) throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } })
      return text('It was offered.')
    case 'test_streaming_elicitation':
      return wanting({ user_name: name })
    case 'test_logging_tool':
      await mcpReq.log('info', 'a word for the log')
      return text('It was logged.')
    case 'json_schema_2020_12_tool':
      return text(JSON.stringify(params.arguments))
    case 'test_trigger_tool_change':
      tellToolsChanged()
      return text('changed')
    default:
      throw new ProtocolError(-32602, `Unknown tool: ${params.name}`)
  }
}

const embedded = (uri, words) => ({ type: 'resource', resource: { uri, mimeType: 'text/plain', text: words } })
const prompt = words => ({ messages: [{ role: 'user', content: { type: 'text', text: words } }] })

function buildServer() {
  const server = new Server(
    { name: 'modern-fixture', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      },
      instructions: 'A fixture.',
      cacheHints: { 'tools/list': { ttlMs: 600_000, cacheScope: 'public' } },
    },
  )
  server.setRequestHandler('tools/list', () => ({ tools: TOOLS }))
  server.setRequestHandler('tools/call', call)
  server.setRequestHandler('resources/list', () => ({
    resources: ['static-text', 'static-binary'].map(name => ({ uri: `test://${name}`, name })),
  }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'by id' }],
  }))
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? []
    if (id)
      return {
        contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, data: `Data for ID: ${id}` }) }],
      }
    if (uri === 'test://static-text') return { contents: [{ uri, mimeType: 'text/plain', text: 'static words' }] }
    if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: PNG }] }
    throw new ProtocolError(-32602, 'Resource not found', { uri })
  })
  server.setRequestHandler('prompts/list', () => ({
    prompts: [
      { description: 'A prompt.', name: 'test_simple_prompt' },
      {
        description: 'A prompt.',
        name: 'test_prompt_with_arguments',
        arguments: ['arg1', 'arg2'].map(name => ({ name, required: true })),
      },
      {
        description: 'A prompt.',
        name: 'test_prompt_with_embedded_resource',
        arguments: [{ name: 'resourceUri', required: true }],
      },
      { description: 'A prompt.', name: 'test_prompt_with_image' },
      { description: 'A prompt.', name: 'test_input_required_result_prompt' },
    ],
  }))
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) => {
    const { name, arguments: given = {} } = params
    if (name === 'test_prompt_with_arguments') return prompt(`Arguments: ${given.arg1}, ${given.arg2}`)
    if (name === 'test_prompt_with_embedded_resource')
      return { messages: [{ role: 'user', content: embedded(given.resourceUri, 'embedded words') }] }
    if (name === 'test_prompt_with_image')
      return { messages: [{ role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } }] }
    if (name !== 'test_input_required_result_prompt') return prompt('This is a simple prompt for testing.')
    const answer = accepted(mcpReq.inputResponses, 'user_context')
    if (answer) return prompt(answer.context)
    return wanting({ user_context: elicit('What context should the prompt use?', { context: { type: 'string' } }) })
  })
  server.setRequestHandler('completion/complete', () => ({ completion: { values: ['one'], total: 1, hasMore: false } }))
  return server
}

const legacy = isOnly ? 'reject' : undefined
if (transport === 'stdio') {
  serveStdio(
    () => {
      const server = buildServer()
      tellToolsChanged = () => void server.sendToolListChanged()
      return server
    },
    { legacy },
  )
} else {
  const handler = createMcpHandler(buildServer, { legacy })
  tellToolsChanged = () => handler.notify.toolsChanged()
  const serve = toNodeHandler(handler)
  const names = new Set(['localhost', '127.0.0.1'])
  http
    .createServer((request, response) => {
      const origin = request.headers.origin
      const isForeign = origin !== undefined && !names.has(new URL(origin).hostname)
      if (isForeign || !names.has((request.headers.host ?? '').replace(/:\d+$/, '')))
        return response.writeHead(403).end()
      if (request.url === '/seen') return response.end(JSON.stringify(seen))
      note('headers', request.headers)
      return serve(request, response)
    })
    .listen(Number(port), '127.0.0.1')
}
