// An MCP server over stdio that lists in pages of two, links to its resources, and is slow or broken when MODE says so.
import { createInterface } from 'node:readline'

const PAGE = 2
const names = ['one', 'two', 'three', 'four', 'five']
const lists = {
  'tools/list': ['tools', names.map(name => ({ name, inputSchema: { type: 'object' }, 'x-kept': [1] }))],
  'resources/list': ['resources', names.map(name => ({ uri: `page:///${name}`, name }))],
  'resources/templates/list': ['resourceTemplates', [{ uriTemplate: 'page:///{name}', name: 'any' }]],
  'prompts/list': ['prompts', [{ name: 'greet', arguments: [{ name: 'who' }] }]],
}
const { MODE } = process.env
const send = message => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const capabilities = { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} }
const serverInfo = { name: 'paged', version: '1' }

const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities, serverInfo }),
  'tools/call': ({ name }) => ({
    content: [
      { type: 'text', text: name },
      { type: 'resource_link', uri: `page:///${name}`, name },
      { type: 'resource', resource: { uri: `page:///${name}`, text: 'inside' } },
    ],
  }),
  'resources/read': ({ uri }) => ({ contents: [{ uri, text: `read ${uri}` }] }),
  'resources/subscribe': ({ uri }) => {
    setTimeout(() => send({ method: 'notifications/resources/updated', params: { uri } }), 20)
    return {}
  },
  'prompts/get': ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: name } }] }),
  'completion/complete': ({ ref }) => ({ completion: { values: [ref.name ?? ref.uri] } }),
  'logging/setLevel': ({ level }) => {
    send({ method: 'notifications/message', params: { level, data: `level ${level}` } })
    return {}
  },
}

function page(method, { cursor = '0' }) {
  const [kind, all] = lists[method]
  const from = Number(cursor)
  const next = from + PAGE
  return { [kind]: all.slice(from, next), ...(next < all.length ? { nextCursor: String(next) } : {}) }
}

if (MODE === 'broken') process.exit(1)
createInterface({ input: process.stdin }).on('line', line => {
  const { id, method, params = {} } = JSON.parse(line)
  if (id === undefined || method === undefined) return
  const result = lists[method] ? page(method, params) : answers[method]?.(params)
  const answer = result ? { id, result } : { id, error: { code: -32601, message: 'Method not found' } }
  const isSlow = MODE === 'slow' && method === 'tools/list' && params.cursor === undefined
  setTimeout(() => send(answer), isSlow ? 5_000 : 0)
})
