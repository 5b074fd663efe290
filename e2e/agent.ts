import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js'

/** What the proxy says of a decision it refused (DESIGN §5). */
export interface Refused {
  id: string
  code: string
  rule?: string
  revision?: string
}

/** A real MCP client, as an agent's host would hold it. */
export class Agent {
  readonly client = new Client({ name: 'e2e-agent', version: '1.0.0' })

  static async connect(proxyUrl: string, server: string, key: string): Promise<Agent> {
    const agent = new Agent()
    const transport = new StreamableHTTPClientTransport(new URL(`${proxyUrl}/mcp/${server}`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    })
    await agent.client.connect(transport)
    return agent
  }

  async tools(): Promise<string[]> {
    const { tools } = await this.client.listTools()
    return tools.map(tool => tool.name)
  }

  /** Calls a tool; `refused` is null when the upstream answered. */
  async call(
    name: string,
    args: Record<string, unknown>,
  ): Promise<{ text: string; isError: boolean; refused: Refused | null }> {
    const result = CallToolResultSchema.parse(await this.client.callTool({ name, arguments: args }))
    const text = result.content.map(part => (part.type === 'text' ? part.text : '')).join('')
    return {
      text,
      isError: result.isError ?? false,
      refused: (result._meta?.['intercept/decision'] as Refused | undefined) ?? null,
    }
  }

  async close(): Promise<void> {
    await this.client.close()
  }
}

/** Waits until at least `seconds` of the current minute are left, so that a count cannot straddle two windows. */
export async function freshWindow(seconds = 15): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000)
  if (left < seconds * 1000) await new Promise(resolve => setTimeout(resolve, left + 250))
}
