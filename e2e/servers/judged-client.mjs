// The client under test for `conformance client --command`: the suite starts its own server and appends that server's
// address. JUDGED_DOOR, when set, puts the proxy in between, so that the checks judge the proxy's leg to its upstream.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'

let url = process.argv.at(-1)
const headers = {}
if (process.env.JUDGED_DOOR) {
  const answer = await fetch(process.env.JUDGED_DOOR, { method: 'POST', body: url })
  if (!answer.ok) throw new Error(await answer.text())
  const way = await answer.json()
  url = way.url
  headers.authorization = `Bearer ${way.key}`
}

const calls = {
  add_numbers: { a: 5, b: 3 },
  test_reconnection: {},
  test_client_elicitation_defaults: {},
}
const client = new Client(
  { name: 'judged-client', version: '1.0.0' },
  { capabilities: { elicitation: { form: { applyDefaults: true } } } },
)
client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }))
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
await client.connect(transport)
const { tools } = await client.listTools()
for (const { name } of tools) if (calls[name]) await client.callTool({ name, arguments: calls[name] })
// The suite's server waits for open streams; without a word the proxy keeps a session for its client to come back to.
if (process.env.JUDGED_DOOR) await transport.terminateSession()
await client.close()
