// A fixture MCP server that passes @modelcontextprotocol/conformance 0.1.16's server suite (2025-11-25 era).
// Low-level SDK Server, so every payload is exactly what is written here. Own code, free to copy into the project.
//   node conformance-fixture.mjs http 39410     -> http://127.0.0.1:39410/mcp   (stateful, event store, DNS-rebinding guard)
//   node conformance-fixture.mjs stdio
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import * as T from '@modelcontextprotocol/sdk/types.js'

const sleep = ms => new Promise(r => setTimeout(r, ms))
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA=='
const noArgs = { type: 'object', properties: {} }
const text = t => ({ content: [{ type: 'text', text: t }] })
const tool = (name, description, inputSchema = noArgs, extra = {}) => ({ name, description, inputSchema, ...extra })

const TOOLS = [
  tool('test_simple_text', 'Returns simple text', noArgs, {
    title: 'Simple text',
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    icons: [{ src: `data:image/png;base64,${PNG}`, mimeType: 'image/png', sizes: ['1x1'] }],
    _meta: { 'com.example.fixture/probe': { nested: [1, 2, { deep: true }] } },
    'x-unknown-future-field': { kept: true },
  }),
  tool('test_image_content', 'Returns image content'),
  tool('test_audio_content', 'Returns audio content'),
  tool('test_embedded_resource', 'Returns an embedded resource'),
  tool('test_multiple_content_types', 'Returns several content types'),
  tool('test_tool_with_logging', 'Emits three log notifications'),
  tool('test_error_handling', 'Always fails'),
  tool('test_tool_with_progress', 'Emits progress 0, 50, 100'),
  tool('test_sampling', 'Requests sampling from the client', {
    type: 'object',
    properties: { prompt: { type: 'string' } },
    required: ['prompt'],
  }),
  tool('test_elicitation', 'Requests elicitation from the client', {
    type: 'object',
    properties: { message: { type: 'string' } },
    required: ['message'],
  }),
  tool('test_elicitation_sep1034_defaults', 'Elicitation with defaults'),
  tool('test_elicitation_sep1330_enums', 'Elicitation with enum variants'),
  tool('test_reconnection', 'Closes the SSE stream mid-call (SEP-1699)'),
  tool('test_structured', 'Structured output', noArgs, {
    outputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
  }),
  tool('test_roots', 'Requests roots/list from the client'),
  tool('test_slow', 'Sleeps ms, honours cancellation', { type: 'object', properties: { ms: { type: 'number' } } }),
  tool('json_schema_2020_12_tool', 'Tool with JSON Schema 2020-12 features', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  }),
]
const titled = (...p) => p.map(([c, t]) => ({ const: c, title: t }))

export function buildServer() {
  const s = new Server(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      instructions: 'Fixture for conformance runs.',
    },
  )
  const stats = (s.stats = { cancelled: 0 })
  s.setRequestHandler(T.ListToolsRequestSchema, async () => ({ tools: TOOLS }))
  s.setRequestHandler(T.CallToolRequestSchema, async (req, x) => {
    const log = data => x.sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
    const ask = (method, params, schema) => x.sendRequest({ method, params }, schema)
    const elicit = async (message, requestedSchema, prefix) => {
      const r = await ask('elicitation/create', { message, requestedSchema }, T.ElicitResultSchema)
      return text(`${prefix}: action=${r.action}, content=${JSON.stringify(r.content ?? {})}`)
    }
    switch (req.params.name) {
      case 'test_simple_text':
        return text('This is a simple text response for testing.')
      case 'test_image_content':
        return { content: [{ type: 'image', data: PNG, mimeType: 'image/png' }] }
      case 'test_audio_content':
        return { content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }
      case 'test_embedded_resource':
        return {
          content: [
            {
              type: 'resource',
              resource: {
                uri: 'test://embedded-resource',
                mimeType: 'text/plain',
                text: 'This is an embedded resource content.',
              },
            },
          ],
        }
      case 'test_multiple_content_types':
        return {
          content: [
            { type: 'text', text: 'Multiple content types test:' },
            { type: 'image', data: PNG, mimeType: 'image/png' },
            {
              type: 'resource',
              resource: {
                uri: 'test://mixed-content-resource',
                mimeType: 'application/json',
                text: JSON.stringify({ test: 'data', value: 123 }),
              },
            },
          ],
        }
      case 'test_tool_with_logging':
        await log('Tool execution started')
        await sleep(50)
        await log('Tool processing data')
        await sleep(50)
        await log('Tool execution completed')
        return text('Tool with logging executed successfully')
      case 'test_error_handling':
        return { ...text('This tool intentionally returns an error for testing'), isError: true }
      case 'test_tool_with_progress': {
        const progressToken = req.params._meta?.progressToken
        for (const progress of [0, 50, 100]) {
          if (progressToken !== undefined)
            await x.sendNotification({
              method: 'notifications/progress',
              params: { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` },
            })
          if (progress < 100) await sleep(50)
        }
        return text(String(progressToken))
      }
      case 'test_sampling': {
        const r = await ask(
          'sampling/createMessage',
          {
            messages: [{ role: 'user', content: { type: 'text', text: req.params.arguments.prompt } }],
            maxTokens: 100,
          },
          T.CreateMessageResultSchema,
        )
        return text(`LLM response: ${r.content.text ?? ''}`)
      }
      case 'test_elicitation': {
        const str = d => ({ type: 'string', description: d })
        return elicit(
          req.params.arguments.message,
          {
            type: 'object',
            properties: { username: str("User's response"), email: str("User's email address") },
            required: ['username', 'email'],
          },
          'User response',
        )
      }
      case 'test_elicitation_sep1034_defaults':
        return elicit(
          'Please review and update the form fields with defaults',
          {
            type: 'object',
            properties: {
              name: { type: 'string', description: 'User name', default: 'John Doe' },
              age: { type: 'integer', description: 'User age', default: 30 },
              score: { type: 'number', description: 'User score', default: 95.5 },
              status: {
                type: 'string',
                description: 'User status',
                enum: ['active', 'inactive', 'pending'],
                default: 'active',
              },
              verified: { type: 'boolean', description: 'Verification status', default: true },
            },
            required: [],
          },
          'Elicitation completed',
        )
      case 'test_elicitation_sep1330_enums':
        return elicit(
          'Please select options from the enum fields',
          {
            type: 'object',
            properties: {
              untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
              titledSingle: {
                type: 'string',
                oneOf: titled(['value1', 'First Option'], ['value2', 'Second Option'], ['value3', 'Third Option']),
              },
              legacyEnum: {
                type: 'string',
                enum: ['opt1', 'opt2', 'opt3'],
                enumNames: ['Option One', 'Option Two', 'Option Three'],
              },
              untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
              titledMulti: {
                type: 'array',
                items: {
                  anyOf: titled(['value1', 'First Choice'], ['value2', 'Second Choice'], ['value3', 'Third Choice']),
                },
              },
            },
            required: [],
          },
          'Elicitation completed',
        )
      case 'test_reconnection':
        await sleep(50)
        x.closeSSEStream?.()
        await sleep(100)
        return text(
          'Reconnection test completed successfully. If you received this, the client properly reconnected after stream closure.',
        )
      case 'test_structured':
        return { ...text('{"n":7}'), structuredContent: { n: 7 }, _meta: { 'com.example.fixture/result': 1 } }
      case 'test_roots': {
        const r = await ask('roots/list', undefined, T.ListRootsResultSchema)
        return text(JSON.stringify(r.roots))
      }
      case 'test_slow': {
        const end = Date.now() + (req.params.arguments?.ms ?? 1000)
        while (Date.now() < end) {
          if (x.signal.aborted) {
            stats.cancelled++
            console.error('fixture: cancelled', String(x.signal.reason))
            return text('cancelled')
          }
          await sleep(10)
        }
        return text('slept')
      }
      case 'json_schema_2020_12_tool':
        return text(JSON.stringify(req.params.arguments ?? {}))
      default:
        throw new T.McpError(T.ErrorCode.InvalidParams, `Unknown tool: ${req.params.name}`)
    }
  })
  s.setRequestHandler(T.ListResourcesRequestSchema, async () => ({
    resources: [
      {
        uri: 'test://static-text',
        name: 'Static Text Resource',
        description: 'A static text resource for testing',
        mimeType: 'text/plain',
      },
      {
        uri: 'test://static-binary',
        name: 'Static Binary Resource',
        description: 'A static binary resource (image) for testing',
        mimeType: 'image/png',
      },
      {
        uri: 'test://watched-resource',
        name: 'Watched Resource',
        description: 'A resource that can be subscribed to',
        mimeType: 'text/plain',
      },
    ],
  }))
  s.setRequestHandler(T.ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: [
      {
        uriTemplate: 'test://template/{id}/data',
        name: 'template',
        description: 'A resource template',
        mimeType: 'application/json',
      },
    ],
  }))
  s.setRequestHandler(T.ReadResourceRequestSchema, async ({ params: { uri } }) => {
    const m = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)
    if (m)
      return {
        contents: [
          {
            uri,
            mimeType: 'application/json',
            text: JSON.stringify({ id: m[1], templateTest: true, data: `Data for ID: ${m[1]}` }),
          },
        ],
      }
    if (uri === 'test://static-text')
      return { contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] }
    if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: PNG }] }
    if (uri === 'test://watched-resource')
      return { contents: [{ uri, mimeType: 'text/plain', text: 'Watched resource content' }] }
    throw new T.McpError(-32002, 'Resource not found', { uri })
  })
  const subs = new Set()
  s.setRequestHandler(T.SubscribeRequestSchema, async r => {
    subs.add(r.params.uri)
    return {}
  })
  s.setRequestHandler(T.UnsubscribeRequestSchema, async r => {
    subs.delete(r.params.uri)
    return {}
  })
  const arg = (name, description) => ({ name, description, required: true })
  s.setRequestHandler(T.ListPromptsRequestSchema, async () => ({
    prompts: [
      { name: 'test_simple_prompt', description: 'A simple prompt' },
      {
        name: 'test_prompt_with_arguments',
        description: 'A prompt with arguments',
        arguments: [arg('arg1', 'First test argument'), arg('arg2', 'Second test argument')],
      },
      {
        name: 'test_prompt_with_embedded_resource',
        description: 'A prompt with an embedded resource',
        arguments: [arg('resourceUri', 'URI of the resource to embed')],
      },
      { name: 'test_prompt_with_image', description: 'A prompt with an image' },
    ],
  }))
  s.setRequestHandler(T.GetPromptRequestSchema, async ({ params: { name, arguments: a = {} } }) => {
    const user = content => ({ role: 'user', content }),
      ut = t => user({ type: 'text', text: t })
    switch (name) {
      case 'test_simple_prompt':
        return { messages: [ut('This is a simple prompt for testing.')] }
      case 'test_prompt_with_arguments':
        return { messages: [ut(`Prompt with arguments: arg1='${a.arg1}', arg2='${a.arg2}'`)] }
      case 'test_prompt_with_embedded_resource':
        return {
          messages: [
            user({
              type: 'resource',
              resource: { uri: a.resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
            }),
            ut('Please process the embedded resource above.'),
          ],
        }
      case 'test_prompt_with_image':
        return {
          messages: [user({ type: 'image', data: PNG, mimeType: 'image/png' }), ut('Please analyze the image above.')],
        }
      default:
        throw new T.McpError(T.ErrorCode.InvalidParams, `Unknown prompt: ${name}`)
    }
  })
  s.setRequestHandler(T.CompleteRequestSchema, async ({ params }) => {
    const values = ['paris', 'park', 'party'].filter(v => v.startsWith(params.argument.value))
    return { completion: { values, total: values.length, hasMore: false } }
  })
  return s
}

class MemoryEventStore {
  events = []
  async storeEvent(streamId, message) {
    const id = `${streamId}_${String(this.events.length).padStart(8, '0')}`
    this.events.push({ id, streamId, message })
    return id
  }
  async getStreamIdForEventId(id) {
    return this.events.find(e => e.id === id)?.streamId
  }
  async replayEventsAfter(id, { send }) {
    const i = this.events.findIndex(e => e.id === id)
    const streamId = this.events[i]?.streamId
    for (const e of i < 0 ? [] : this.events.slice(i + 1))
      if (e.streamId === streamId && Object.keys(e.message).length) await send(e.id, e.message)
    return streamId
  }
}

const [mode = 'stdio', port = '39410'] = process.argv.slice(2)
if (import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  if (mode === 'stdio') await buildServer().connect(new StdioServerTransport())
  else {
    const hosts = ['localhost', '127.0.0.1', '[::1]'].map(h => `${h}:${port}`),
      sessions = new Map()
    http
      .createServer(async (req, res) => {
        const fail = (status, code, message) => {
          res
            .writeHead(status, { 'content-type': 'application/json' })
            .end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }))
        }
        if (!req.url.startsWith('/mcp')) return fail(404, -32000, 'Not found')
        if (!hosts.includes(req.headers.host)) return fail(403, -32000, `Invalid Host header: ${req.headers.host}`)
        if (req.headers.origin && !hosts.includes(req.headers.origin.replace(/^https?:\/\//, '')))
          return fail(403, -32000, 'Invalid Origin header')
        const sid = req.headers['mcp-session-id']
        let t = sid && sessions.get(sid)
        if (sid && !t) return fail(404, -32001, 'Session not found')
        if (!t) {
          t = new StreamableHTTPServerTransport({
            sessionIdGenerator: randomUUID,
            eventStore: new MemoryEventStore(),
            retryInterval: 500,
            onsessioninitialized: id => sessions.set(id, t),
          })
          t.onclose = () => sessions.delete(t.sessionId)
          await buildServer().connect(t)
        }
        await t.handleRequest(req, res)
      })
      .listen(Number(port), '127.0.0.1', () => console.error(`fixture on http://127.0.0.1:${port}/mcp`))
  }
}
