import { connect } from 'node:net'
import type { Gateway } from './gateway'

export interface Message {
  id?: string | number
  method?: string
  params?: Record<string, unknown>
  result?: {
    content?: { text: string }[]
    isError?: boolean
    _meta?: Record<string, { code: string }>
    [key: string]: unknown
  }
  error?: { code: number; message: string; data?: Record<string, unknown> }
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  /** As it came. */
  readonly text: string
  readonly messages: Message[]
}

/** A session spoken by hand, so that every byte of a message can be chosen. */
export interface RawSession {
  readonly id: string
  readonly headers: Record<string, string>
  post(body: string, headers?: Record<string, string>): Promise<RawAnswer>
  call(name: string, args?: object, id?: string | number): Promise<RawAnswer>
  /** Posts, and leaves the answer unread. */
  begin(body: string): Promise<Response>
  /** The session's own stream. */
  listen(headers?: Record<string, string>): Promise<Response>
  end(): Promise<void>
}

function initialize(capabilities: object): string {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } }
  return JSON.stringify({ jsonrpc: '2.0', id: 'begin', method: 'initialize', params })
}

export async function beginSession(
  gateway: Pick<Gateway, 'key' | 'url'>,
  slug: string,
  key = gateway.key,
  capabilities: object = { sampling: {} },
): Promise<RawSession> {
  const url = gateway.url(slug)
  const base: Record<string, string> = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const begun = await post(url, initialize(capabilities), base)
  const id = begun.headers.get('mcp-session-id')
  if (id === null) throw new Error(`no session: ${begun.status} ${begun.text}`)
  const headers = { ...base, 'mcp-session-id': id }
  return {
    id,
    headers,
    post: (body, more = {}) => post(url, body, { ...headers, ...more }),
    call: (name, args = {}, callId = 1) => post(url, callBody(name, args, callId), headers),
    begin: body => fetch(url, { method: 'POST', body, headers }),
    listen: (more = {}) => fetch(url, { headers: { ...headers, accept: 'text/event-stream', ...more } }),
    async end() {
      await fetch(url, { method: 'DELETE', headers })
    },
  }
}

export function callBody(name: string, args: object = {}, id: string | number = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } })
}

export async function post(url: string, body: string, headers: Record<string, string>): Promise<RawAnswer> {
  const response = await fetch(url, { method: 'POST', body, headers })
  const text = await response.text()
  const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream')
  const parts = isEvents ? text.split('\n').flatMap(line => (/^data: ./.test(line) ? [line.slice(6)] : [])) : [text]
  const messages = parts.flatMap(part => (part.startsWith('{') ? [JSON.parse(part) as Message] : []))
  return { status: response.status, headers: response.headers, text, messages }
}

/** The text of a call's result, the code of a denial, or the message of an error. */
export function saysOf({ messages }: RawAnswer): string | undefined {
  const last = messages.at(-1)
  return last?.result?._meta?.['intercept/decision']?.code ?? last?.result?.content?.[0]?.text ?? last?.error?.message
}

/** Writes bytes to the listener and gives what comes back until it closes, or `waitMs` have passed in silence. */
export function rawBytes(port: number, parts: readonly (string | Buffer)[], waitMs = 2_000): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.setTimeout(waitMs, () => socket.destroy())
    socket.on('data', chunk => {
      got += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(got))
    for (const part of parts) socket.write(part)
  })
}
