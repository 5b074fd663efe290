// A server of the stateless protocol (2026-07-28) on standard input and output that offers no subscriptions. It answers a
// scan, too, which speaks the older protocol.
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const tool = name => ({ name, inputSchema: { type: 'object' }, 'x-vendor': { kept: true } })
const tools = ['read_note', 'write_note', 'secret_note'].map(tool)
const old = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'm', version: '1' } }
const results = {
  initialize: () => old,
  'server/discover': () => ({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {}, 'com.example/kept': {} } },
    ttlMs: 3_600_000,
    cacheScope: 'public',
  }),
  'tools/list': () => ({ resultType: 'complete', tools, ttlMs: 3_600_000, cacheScope: 'public', 'x-kept': [1] }),
  'tools/call': ({ name, _meta }) => ({ resultType: 'complete', content: [{ type: 'text', text: name }], seen: _meta }),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (process.env.CALL_LOG && (method === 'tools/call' || method === 'notifications/cancelled'))
    appendFileSync(process.env.CALL_LOG, `${line}\n`)
  // One that is never answered, to be cancelled.
  if (id === undefined || params?.arguments?.wait) continue
  const result = results[method]?.(params)
  const answer = result ? { result } : { error: { code: -32601, message: 'Method not found' } }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`)
}
