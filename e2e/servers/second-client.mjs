// A client of the second generation of the SDK, which offers the stateless protocol and falls back to sessions.
// usage: node second-client.mjs <url> <key> <mode: auto | legacy | pinned version>; prints what it saw as JSON
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const [url, key, mode] = process.argv.slice(2)
const versionNegotiation = { mode: /^\d/.test(mode) ? { pin: mode } : mode }
const client = new Client({ name: 'second', version: '1.0.0' }, { versionNegotiation, capabilities: {} })
try {
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }))
  const { tools } = await client.listTools()
  const called = await client.callTool({ name: 'test_structured', arguments: {} })
  const denied = await client.callTool({ name: 'test_image_content', arguments: {} })
  const read = await client.readResource({ uri: 'test://static-text' })
  const prompt = await client.getPrompt({ name: 'test_simple_prompt' })
  const version = client.getNegotiatedProtocolVersion?.()
  console.log(JSON.stringify({ version, tools: tools.map(({ name }) => name), called, denied, read, prompt }))
  await client.close()
} catch (error) {
  console.log(JSON.stringify({ failed: error.message, code: error.code }))
}
process.exit(0)
