import { randomUUID } from 'node:crypto'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

// The stateless protocol (MCP 2026-07-28), which the SDK's client does not speak: docs/decisions/eras.md.

export const STATELESS_VERSION = '2026-07-28'
const PREFIX = 'io.modelcontextprotocol/'
const ENVELOPE = {
  [`${PREFIX}protocolVersion`]: STATELESS_VERSION,
  [`${PREFIX}clientInfo`]: { name: 'intercept', title: 'Intercept catalogue scan', version: '1' },
  [`${PREFIX}clientCapabilities`]: {},
}

interface Request {
  readonly jsonrpc: '2.0'
  readonly id: string
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Sends one request and gives the result of its answer. @throws Error with what the server said instead */
export type Ask = (method: string, params?: Readonly<Record<string, unknown>>) => Promise<unknown>

const Answer = z.looseObject({
  id: z.string(),
  result: z.unknown(),
  error: z.looseObject({ code: z.number(), message: z.string() }).optional(),
})

const Discovery = z.looseObject({
  supportedVersions: z.array(z.string()),
  capabilities: z.looseObject({}).default({}),
  instructions: z.string().optional(),
  _meta: z.looseObject({}).optional(),
})

export interface Discovered {
  readonly hasTools: boolean
  readonly serverInfo: Readonly<Record<string, unknown>> | null
  readonly instructions: string | null
}

/** What the server says of itself; null when it does not speak this protocol. */
export async function discover(ask: Ask): Promise<Discovered | null> {
  const discovery = Discovery.safeParse(await ask('server/discover'))
  if (!discovery.success || !discovery.data.supportedVersions.includes(STATELESS_VERSION)) return null
  const { capabilities, instructions, _meta } = discovery.data
  const info = z.looseObject({}).safeParse(_meta?.[`${PREFIX}serverInfo`])
  return {
    hasTools: capabilities.tools !== undefined,
    serverInfo: info.success ? info.data : null,
    instructions: instructions ?? null,
  }
}

/** One request at a time over what carries whole messages, as a child process does. */
export async function askOver(transport: Transport): Promise<Ask> {
  const waiting = new Map<string, { resolve(result: unknown): void; reject(error: Error): void }>()
  transport.onmessage = message => {
    const answer = Answer.safeParse(message)
    const waiter = answer.success ? waiting.get(answer.data.id) : undefined
    if (!answer.success || !waiter) return
    waiting.delete(answer.data.id)
    if (answer.data.error) waiter.reject(refusalOf(answer.data.error))
    else waiter.resolve(answer.data.result)
  }
  transport.onclose = () => {
    for (const { reject } of waiting.values()) reject(new Error('Connection closed'))
  }
  await transport.start()
  return (method, params) =>
    new Promise((resolve, reject) => {
      const request = requestOf(method, params)
      waiting.set(request.id, { resolve, reject })
      transport.send(request as JSONRPCMessage).catch(reject)
    })
}

/** One POST a request. @param post takes headers and body, follows no redirect and bounds what comes back */
export function askByPosts(post: (headers: Readonly<Record<string, string>>, body: string) => Promise<Response>): Ask {
  return async (method, params) => {
    const request = requestOf(method, params)
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': STATELESS_VERSION,
      'mcp-method': method,
    }
    const answer = await answerIn(await post(headers, JSON.stringify(request)), request.id)
    if (answer.error) throw refusalOf(answer.error)
    return answer.result
  }
}

/** The answer in a body that is one message, or a stream of them which may stay open behind it. */
async function answerIn(response: Response, id: string): Promise<z.infer<typeof Answer>> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (!isStream) continue
    const events = text.split(/\r?\n\r?\n/)
    text = events.pop() ?? ''
    for (const event of events) {
      const answer = answerTo(id, dataOf(event))
      if (answer) return answer
    }
  }
  const answer = answerTo(id, isStream ? dataOf(text) : text)
  if (answer) return answer
  throw new Error(`HTTP ${response.status} without an answer`)
}

function dataOf(event: string): string {
  const lines = event.split(/\r?\n/).filter(line => line.startsWith('data:'))
  return lines.map(line => line.slice(5).replace(/^ /, '')).join('\n')
}

function answerTo(id: string, text: string): z.infer<typeof Answer> | null {
  try {
    const answer = Answer.safeParse(JSON.parse(text))
    return answer.success && answer.data.id === id ? answer.data : null
  } catch {
    return null
  }
}

function requestOf(method: string, params: Readonly<Record<string, unknown>> = {}): Request {
  return { jsonrpc: '2.0', id: randomUUID(), method, params: { ...params, _meta: ENVELOPE } }
}

function refusalOf({ code, message }: { code: number; message: string }): Error {
  return new Error(`error ${code}: ${message}`)
}
