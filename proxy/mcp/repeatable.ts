import { readUpstreamMessage } from './messages'

/** Requests that ask and change nothing, so that asking twice is as good as once. */
const SAFE = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'tasks/list',
  'tasks/get',
  'logging/setLevel',
])
/** undici's for a connection that ended, and the system's. */
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Whether the connection ended under a request: as idle ones do whose server closes them when the next request comes. */
export function isLostConnection(error: Error): boolean {
  return LOST.has((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * Whether a request may be sent again although the server may have taken it. Never what runs a tool or reads for one
 * (RFC 9110 §9.2.2: not unless it is known to be idempotent).
 */
export function isRepeatable({ method, body }: { readonly method: string; readonly body?: string }): boolean {
  if (method !== 'POST') return true
  const message = readUpstreamMessage(body ?? '')
  // A second notification says nothing new, and a second answer to one id answers nobody.
  if (message.kind === 'request') return SAFE.has(message.method)
  return message.kind !== 'malformed'
}
