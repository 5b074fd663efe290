// What most gateways are: the SDK's server in front of the SDK's client, one pair a session.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Client } from '../../../../e2e/servers/node_modules/@modelcontextprotocol/sdk/dist/esm/client/index.js'
import { StreamableHTTPClientTransport } from '../../../../e2e/servers/node_modules/@modelcontextprotocol/sdk/dist/esm/client/streamableHttp.js'
import { Server } from '../../../../e2e/servers/node_modules/@modelcontextprotocol/sdk/dist/esm/server/index.js'
import { StreamableHTTPServerTransport } from '../../../../e2e/servers/node_modules/@modelcontextprotocol/sdk/dist/esm/server/streamableHttp.js'
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
} from '../../../../e2e/servers/node_modules/@modelcontextprotocol/sdk/dist/esm/types.js'

const sessions = new Map()
const isJson = process.env.ANSWERS === 'json'

async function begin() {
  const client = new Client({ name: 'gateway', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.UPSTREAM)))
  const server = new Server({ name: 'gateway', version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => client.listTools(params))
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params))
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: isJson,
    onsessioninitialized: id => void sessions.set(id, transport),
  })
  await server.connect(transport)
  return transport
}

createServer(async (request, response) => {
  if (request.url === '/ready') return response.end()
  const id = request.headers['mcp-session-id']
  const transport = id === undefined ? await begin() : sessions.get(id)
  if (!transport) return response.writeHead(404).end()
  await transport.handleRequest(request, response)
}).listen(Number(process.env.PORT), '127.0.0.1')
