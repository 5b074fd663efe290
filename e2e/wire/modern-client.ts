import { pathToFileURL } from 'node:url'
import { fileOf } from './third-party'

type Params = Record<string, unknown>

/** What these tests use of a client of the SDK's second generation. */
export interface ModernClient {
  connect(transport: object): Promise<void>
  getNegotiatedProtocolVersion(): string
  listTools(): Promise<{ tools: { name: string }[]; cacheScope?: string; ttlMs?: number }>
  callTool(params: Params, options?: Params): Promise<ModernResult>
  readResource(params: Params): Promise<ModernResult>
  getPrompt(params: Params): Promise<ModernResult>
  setRequestHandler(method: string, handler: (request: { params: Params }) => unknown): void
  setNotificationHandler(method: string, handler: () => void): void
  listen(filter: Params): Promise<{ close(): Promise<void> }>
  close(): Promise<void>
}

export type ModernResult = Record<string, unknown> & { content?: { text?: string }[] }

interface ClientModule {
  Client: new (info: Params, options: Params) => ModernClient
  StreamableHTTPClientTransport: new (url: URL, options: Params) => object
}

/** A client of the SDK's second generation, connected. @param mode `auto`, or the version it insists on */
export async function connectModern(url: string, key: string | null, mode: string): Promise<ModernClient> {
  const file = pathToFileURL(fileOf('@modelcontextprotocol/client/dist/index.mjs')).href
  const { Client, StreamableHTTPClientTransport } = (await import(file)) as ClientModule
  const versionNegotiation = { mode: /^\d/.test(mode) ? { pin: mode } : mode }
  const client = new Client(
    { name: 'second', version: '2.4.0' },
    { versionNegotiation, capabilities: { elicitation: { form: {} } } },
  )
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }))
  const headers = key === null ? {} : { authorization: `Bearer ${key}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  return client
}

export const VERSION = '2026-07-28'

const META = 'io.modelcontextprotocol/'

/** The envelope of a request. */
export const envelope = {
  [`${META}protocolVersion`]: VERSION,
  [`${META}clientInfo`]: { name: 'raw', version: '1' },
  [`${META}clientCapabilities`]: { elicitation: { form: {} } },
}

/** A request by hand, with the headers that agree with it unless told otherwise; undefined takes one away. */
export async function postModern(
  url: string,
  key: string | null,
  method: string,
  params: Params = {},
  { headers = {}, signal }: { headers?: Record<string, string | undefined>; signal?: AbortSignal } = {},
): Promise<Response> {
  const named = params.name ?? params.uri ?? params.taskId
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': VERSION,
    'mcp-method': method,
    ...(typeof named === 'string' ? { 'mcp-name': named } : {}),
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    ...headers,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method, params: { _meta: envelope, ...params } })
  return fetch(url, { method: 'POST', headers: given, body, ...(signal ? { signal } : {}) })
}

/** Messages of an answer, whether it is one or a stream of them. */
export async function messagesOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text()
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return [JSON.parse(text)]
  return text.split('\n').flatMap(line => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []))
}
