import { beginSession } from './begin-session'
import type { Downstream } from './downstream'
import type { RequestMessage } from './messages'
import type { DoorParts } from './stdio-door'

const NOBODY: Downstream = { send: () => undefined, keepAlive: () => undefined, close: () => undefined }

/**
 * Begins a session of the proxy's own, lists the server's tools and ends it. The list goes where every list goes:
 * `reportDefinitions`.
 * @returns why there is no list, in the words of the answer; null when there was one
 */
export async function listOnce({ parts, upstreams, key, server }: Omit<DoorParts, 'refusals'>): Promise<string | null> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'intercept', version: '1' } }
  const body = { jsonrpc: '2.0', id: 0, method: 'initialize', params }
  const initialize: RequestMessage = { kind: 'request', id: 0, method: 'initialize', params, body }
  const opening = { key, server, openWay: () => NOBODY, onBegin: () => undefined }
  const { session, text } = await beginSession(parts, upstreams, opening, initialize)
  if (!session) return /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? 'The server could not be started.'
  session.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  await session.definitions.digestOf('')
  await session.close('It was listed.')
  return null
}
