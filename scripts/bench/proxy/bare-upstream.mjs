// The upstream that every way in the bench leads to: the least that answers as an MCP server, so that what is measured is
// the way and not the server. Answers tools/call as JSON, or as an event stream at /sse; GET /count tells how many it got.
import { createServer } from 'node:http'

export const TOOL = {
  name: 'workflow_interact',
  description: 'Asks a workflow something',
  inputSchema: { type: 'object', properties: { action: { type: 'string' }, input: { type: 'object' } } },
}
const text = `{"content":[{"type":"text","text":"${'The workflow has answered. '.repeat(12)}"}],"isError":false}`
const results = {
  initialize:
    '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench-upstream","version":"1"}}',
  'tools/list': JSON.stringify({ tools: [TOOL] }),
  'tools/call': text,
  ping: '{}',
}
let calls = 0

function answer(request, response, body) {
  const message = JSON.parse(body)
  const result = results[message.method]
  if (message.id === undefined || result === undefined) return response.writeHead(202).end()
  if (message.method === 'tools/call') calls += 1
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`
  if (message.method === 'tools/call' && request.url === '/sse') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    return response.end(`event: message\ndata: ${text}\n\n`)
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}

const server = createServer((request, response) => {
  if (request.url === '/count') return response.end(String(calls))
  if (request.method === 'GET') return response.writeHead(405).end()
  if (request.method === 'DELETE') return response.writeHead(200).end()
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => answer(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
})
server.keepAliveTimeout = 120_000
server.listen(Number(process.env.PORT), '127.0.0.1')
