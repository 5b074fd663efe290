import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { Message, RequestMessage, ResponseMessage } from './messages'
import { ownId } from './pending'
import { PROTOCOL_VERSIONS } from './versions'

/** The stateless protocol: no handshake, no session; every request says who speaks and how. */
export const MODERN_VERSION = '2026-07-28'

const PREFIX = 'io.modelcontextprotocol/'
/** Members of a request's `_meta` that make its envelope, and the one that names a subscription. */
export const META = {
  version: `${PREFIX}protocolVersion`,
  capabilities: `${PREFIX}clientCapabilities`,
  client: `${PREFIX}clientInfo`,
  subscription: `${PREFIX}subscriptionId`,
} as const

/** Errors of this protocol (basic/index, Error Codes); a dual-era client that reads one does not fall back. */
export const MODERN_ERRORS = { headerMismatch: -32_020, unsupportedVersion: -32_022, invalidParams: -32_602 } as const

/**
 * Whether a message claims the stateless protocol, rightly or not: by its envelope, or by the header alone. `initialize`
 * without an envelope begins a session whatever the header says.
 * @param header MCP-Protocol-Version
 */
export function claimsModern(message: Message, header: string | string[] | undefined): boolean {
  if (message.kind !== 'response') {
    if (metaOf(message.params)?.[META.version] !== undefined) return true
    if (message.kind === 'request' && message.method === 'initialize') return false
  }
  return typeof header === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(header) && header > PROTOCOL_VERSIONS[0]
}

export function metaOf(params: JsonObject | undefined): JsonObject | null {
  const meta = params?._meta
  return isJsonObject(meta) ? meta : null
}

/** Who the client says it is: recorded, never decided on. */
export function clientOf(params: JsonObject | undefined): { name: string | null; version: string | null } {
  const info = metaOf(params)?.[META.client]
  const { name, version } = isJsonObject(info) ? info : {}
  return { name: typeof name === 'string' ? name : null, version: typeof version === 'string' ? version : null }
}

/** A request on this proxy's own account, with the envelope that it needs. */
export function ownRequest(method: string, params: JsonObject = {}): RequestMessage {
  const id = ownId()
  const _meta = {
    [META.version]: MODERN_VERSION,
    [META.client]: { name: 'intercept', version: '1' },
    [META.capabilities]: {},
  }
  const whole: JsonObject = { ...params, _meta }
  return { kind: 'request', id, method, params: whole, body: { jsonrpc: '2.0', id, method, params: whole } }
}

/** Whether an answer to `server/discover` says that this protocol is spoken. */
export function speaksModern({ body }: ResponseMessage): boolean {
  const versions = isJsonObject(body.result) ? body.result.supportedVersions : undefined
  return Array.isArray(versions) && versions.includes(MODERN_VERSION)
}

/** Of the versions that a server lists, those that this proxy carries too. */
export function carriedVersions(versions: JsonValue | undefined): string[] {
  const carried: readonly string[] = [MODERN_VERSION, ...PROTOCOL_VERSIONS]
  return Array.isArray(versions) ? carried.filter(version => versions.includes(version)) : [MODERN_VERSION]
}
