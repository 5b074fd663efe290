// mcp-proxy (npm) as its own documentation has it: a server over Streamable HTTP in front of a client of the upstream.
import {
  Client,
  StreamableHTTPClientTransport,
} from '../../../../e2e/servers/node_modules/@modelcontextprotocol/client/dist/index.mjs'
import { Server } from '../../../../e2e/servers/node_modules/@modelcontextprotocol/server/dist/index.mjs'
import { proxyServer, startHTTPServer } from '../../../../e2e/servers/node_modules/mcp-proxy/dist/index.mjs'

const isJson = process.env.ANSWERS === 'json'

await startHTTPServer({
  createServer: async () => {
    const client = new Client({ name: 'mcp-proxy', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(new URL(process.env.UPSTREAM)))
    const capabilities = client.getServerCapabilities()
    const server = new Server(client.getServerVersion(), { capabilities })
    await proxyServer({ client, server, serverCapabilities: capabilities })
    return server
  },
  enableJsonResponse: isJson,
  eventStore: false,
  host: '127.0.0.1',
  port: Number(process.env.PORT),
})
