// The least that a relay on node:http and undici can do: it passes bytes on and reads nothing. What it costs on this machine,
// beside nginx, is what no policy and no record can get under.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const upstream = new URL(process.env.UPSTREAM)
const pool = new Pool(upstream.origin, { connections: 128, pipelining: 1 })
const PASSED = ['content-type', 'accept', 'mcp-session-id', 'mcp-protocol-version']

function relay(request, response, body) {
  const headers = {}
  for (const name of PASSED) if (request.headers[name] !== undefined) headers[name] = request.headers[name]
  const chunks = []
  let status = 502
  let type = 'application/json'
  let session
  pool.dispatch(
    { method: request.method, path: upstream.pathname, headers, body },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code, found) => {
        status = code
        type = found['content-type'] ?? type
        session = found['mcp-session-id']
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => {
        const answer = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
        const named = session === undefined ? [] : ['mcp-session-id', session]
        response
          .writeHead(status, ['content-type', type, 'content-length', String(answer.length), ...named])
          .end(answer)
      },
      onResponseError: () => response.writeHead(502).end(),
    },
  )
}

const server = createServer((request, response) => {
  if (request.url === '/ready') return void response.end('ready')
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => relay(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
})
server.listen(Number(process.env.PORT), '127.0.0.1')
