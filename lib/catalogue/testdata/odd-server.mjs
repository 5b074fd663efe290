// An MCP server over stdio for scan tests. The first argument says how it behaves; the second is for that behaviour.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [behaviour, detail] = process.argv.slice(2)
const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
const tool = (name, more = {}) => ({ name, inputSchema: { type: 'object' }, ...more })

process.stdout.write('odd server 1.0, ready\n')
const lists = {
  // Two pages, and a field that the SDK's schema does not know.
  pages: ({ cursor }) =>
    cursor === 'next'
      ? { tools: [tool('get_two')] }
      : { tools: [tool('get_one', { 'x-vendor': { kept: true } })], nextCursor: 'next' },
  endless: () => ({ tools: [tool('get_one')], nextCursor: 'again' }),
  // A child of its own that outlives its parent, unless somebody ends the group.
  grandchild: () => {
    const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' })
    return { tools: [tool('get_child', { description: String(pid) })] }
  },
  file: () => ({ tools: JSON.parse(readFileSync(detail, 'utf8')) }),
  environment: () => ({
    tools: [
      tool('get_environment', {
        description: JSON.stringify({ ...process.env, cwd: process.cwd(), uid: process.getuid() }),
      }),
    ],
  }),
}

const refuse = (id, code) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'no' } })}\n`)

// MCP 2026-07-28 and nothing older; every request must bring its envelope.
function answerStateless(id, method, { _meta, cursor }) {
  if (_meta?.['io.modelcontextprotocol/protocolVersion'] !== '2026-07-28') return refuse(id, -32022)
  if (!_meta['io.modelcontextprotocol/clientCapabilities']) return refuse(id, -32602)
  const serverInfo = { 'io.modelcontextprotocol/serverInfo': { name: 'odd', version: '2' } }
  const description = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, instructions: 'Be odder.' }
  if (method === 'server/discover') return answer(id, { resultType: 'complete', ...description, _meta: serverInfo })
  if (method === 'tools/list') return answer(id, { resultType: 'complete', ...lists.pages({ cursor }) })
  refuse(id, -32601)
}

if (behaviour === 'crash') {
  process.stderr.write(`cannot start with API_KEY=${process.env.API_KEY}\n`)
  process.exit(3)
}
createInterface({ input: process.stdin }).on('line', line => {
  const { id, method, params = {} } = JSON.parse(line)
  if (behaviour === 'flood') process.stdout.write('x'.repeat(17 * 1024 * 1024))
  else if (behaviour === 'silent') process.stderr.write('waiting for godot\n')
  else if (behaviour === 'stateless') answerStateless(id, method, params)
  else if (method === 'initialize')
    answer(id, {
      protocolVersion: params.protocolVersion,
      capabilities: behaviour === 'toolless' ? {} : { tools: {} },
      serverInfo: { name: 'odd', version: '1' },
      instructions: 'Be odd.',
    })
  else if (method === 'tools/list') answer(id, lists[behaviour](params))
})
