import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small server over HTTP that speaks one protocol or both, and remembers each call with its headers. */
export interface HttpFixture {
  readonly url: string
  readonly calls: { params: { name: string; _meta?: Record<string, unknown> }; headers: IncomingHttpHeaders }[]
  close(): Promise<void>
}

type Era = 'sessions' | 'stateless'

const refusal = { error: { code: -32_601, message: 'Method not found' } }

export async function startHttpFixture(
  eras: readonly Era[],
  tools: (era: Era) => unknown[] = () => [{ name: 'note', inputSchema: { type: 'object' } }],
): Promise<HttpFixture> {
  const calls: HttpFixture['calls'] = []
  const answers: Record<string, (era: Era) => unknown> = {
    initialize: () => ({
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'h', version: '1' },
    }),
    'server/discover': () => ({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
    }),
    'tools/list': era => ({ resultType: 'complete', tools: tools(era) }),
    'tools/call': () => ({ resultType: 'complete', content: [{ type: 'text', text: 'noted' }] }),
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (request.method !== 'POST') return response.writeHead(405).end()
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString())
    const era: Era = params?._meta?.['io.modelcontextprotocol/protocolVersion'] ? 'stateless' : 'sessions'
    if (id === undefined) return response.writeHead(202).end()
    if (method === 'tools/call') calls.push({ params, headers: request.headers })
    const isOther =
      (method === 'initialize' && era === 'stateless') || (method === 'server/discover' && era === 'sessions')
    const result = eras.includes(era) && !isOther ? answers[method]?.(era) : undefined
    const body = { jsonrpc: '2.0', id, ...(result ? { result } : refusal) }
    response.writeHead(eras.includes(era) ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
