import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

// The SDK's own result schemas drop what they do not know.
const Anything = z.looseObject({})

export interface Speaker {
  readonly client: Client
  /** What the server asked of its client, by method. */
  readonly asked: string[]
  /** The result with every field as it came. */
  request(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/** A client that answers whatever servers ask. @param roots folders that it says it works in */
async function speak(transport: Transport, roots: string[]): Promise<Speaker> {
  const asked: string[] = []
  const capabilities = { sampling: {}, elicitation: {}, roots: { listChanged: true } }
  const client = new Client({ name: 'wire', version: '1' }, { capabilities })
  client.setRequestHandler(ListRootsRequestSchema, () => {
    asked.push('roots/list')
    return { roots: roots.map(root => ({ uri: `file://${root}`, name: 'a root' })) }
  })
  client.setRequestHandler(CreateMessageRequestSchema, () => {
    asked.push('sampling/createMessage')
    return { role: 'assistant', model: 'm', content: { type: 'text', text: 'sampled words' } }
  })
  client.setRequestHandler(ElicitRequestSchema, () => {
    asked.push('elicitation/create')
    return { action: 'decline' }
  })
  await client.connect(transport, { timeout: 25_000 })
  return {
    client,
    asked,
    request: (method, params = {}) => client.request({ method, params }, Anything, { timeout: 25_000 }),
    close: () => client.close(),
  }
}

/** To the server itself, started as the proxy would start it. */
export function speakDirectly(
  words: string[],
  { environment = {}, home, roots }: { environment?: Record<string, string>; home: string; roots: string[] },
): Promise<Speaker> {
  const env = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: home, ...environment }
  const command = { command: process.execPath, args: words, env, cwd: process.cwd(), stderr: 'ignore' as const }
  return speak(new StdioClientTransport(command), roots)
}

export function speakThrough(url: string, key: string, roots: string[]): Promise<Speaker> {
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  return speak(new StreamableHTTPClientTransport(new URL(url), { requestInit }), roots)
}
