// The same over stdin and stdout.
const tool = {
  name: 'workflow_interact',
  description: 'Asks a workflow something',
  inputSchema: { type: 'object', properties: { action: { type: 'string' }, input: { type: 'object' } } },
}
const text = `{"content":[{"type":"text","text":"${'The workflow has answered. '.repeat(12)}"}],"isError":false}`
const results = {
  initialize:
    '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench-upstream","version":"1"}}',
  'tools/list': JSON.stringify({ tools: [tool] }),
  'tools/call': text,
  ping: '{}',
}
let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', chunk => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() ?? ''
  let out = ''
  for (const line of lines) {
    const { id, method } = JSON.parse(line)
    if (id === undefined) continue
    out += `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${results[method] ?? '{}'}}\n`
  }
  if (out) process.stdout.write(out)
})
process.stdin.on('end', () => process.exit(0))
