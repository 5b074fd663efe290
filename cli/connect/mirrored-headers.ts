import { type Envelope, objectOf, parseObject } from './messages'

const VERSION = 'io.modelcontextprotocol/protocolVersion'
/** The member of `params` that `Mcp-Name` mirrors. */
const NAMED: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}
const MAX_DEPTH = 32

/**
 * The headers that the protocol without sessions (2026-07-28) wants beside each message over HTTP. A client on a pipe
 * sends none, so they are made here from the message, and from the schemas that lists have shown.
 */
export class MirroredHeaders {
  readonly #schemas = new Map<string, unknown>()

  /** The headers of a request of that protocol; null for a message of the protocol with sessions. */
  of({ method, body }: Envelope): Record<string, string> | null {
    const params = objectOf(body.params)
    const version = objectOf(params._meta)[VERSION]
    if (method === null || typeof version !== 'string') return null
    const headers: Record<string, string> = { 'mcp-protocol-version': version, 'mcp-method': method }
    const name = params[NAMED[method] ?? '']
    if (typeof name === 'string') headers['mcp-name'] = encoded(name)
    if (method === 'tools/call' && typeof name === 'string')
      for (const [header, value] of mirrored(this.#schemas.get(name), params.arguments))
        headers[`mcp-param-${header.toLowerCase()}`] = encoded(value)
    return headers
  }

  /** Takes note of the schemas in an answer to `tools/list`. */
  observe(answer: string): void {
    const { tools } = objectOf(parseObject(answer).result)
    if (!Array.isArray(tools)) return
    for (const tool of tools.map(objectOf))
      if (typeof tool.name === 'string') this.#schemas.set(tool.name, tool.inputSchema)
  }
}

/** What `x-mcp-header` in a schema asks to be mirrored, where the call has a value for it. */
function mirrored(schema: unknown, value: unknown, depth = 0): [header: string, value: string][] {
  if (depth > MAX_DEPTH) return []
  const given = objectOf(value)
  return Object.entries(objectOf(objectOf(schema).properties)).flatMap(([key, property]) => {
    const own = Object.hasOwn(given, key) ? given[key] : undefined
    const deeper = mirrored(property, own, depth + 1)
    const header = objectOf(property)['x-mcp-header']
    if (typeof header !== 'string' || own === undefined || own === null) return deeper
    return [[header, typeof own === 'string' ? own : JSON.stringify(own)] as [string, string], ...deeper]
  })
}

/** As it is where a header may hold it and keeps it whole, else in the protocol's base64 form. */
function encoded(text: string): string {
  const isPlain = /^[!-~]([ -~]*[!-~])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text)
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}
