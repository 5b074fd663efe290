import type { ServerResponse } from 'node:http'
import { frameOf } from './messages'

/** A refusal of the HTTP layer, in the shape that MCP clients read. */
export function refuseHttp(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  code = -32_000,
): void {
  if (response.headersSent) return void response.end()
  const body = frameOf({ jsonrpc: '2.0', error: { code, message }, id: null })
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

export function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(text)
}
