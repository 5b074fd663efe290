import { isJsonObject, type JsonObject } from '@/lib/policy'
import { type Denial, denialAsError, denialAsToolResult } from '../denial'
import { errorMessage, type RequestId, resultMessage } from './messages'
import { carriedVersions, MODERN_ERRORS } from './modern-version'
import type { Reply } from './pending'

const RESOURCE_NOT_FOUND = -32_002
/** Outside the range that the protocol reserves: 502 and a number of our own. */
const UPSTREAM_FAILED = 50_201
/** How long a client may keep what depends on what is published and granted. */
const SHORT_TTL_MS = 5_000

/** A denial as this protocol says it: a tool result that is complete, or an error. */
export function denialMessage(id: RequestId, method: string, denial: Denial, name: string | null): JsonObject {
  if (method === 'tools/call') return resultMessage(id, { resultType: 'complete', ...denialAsToolResult(denial) })
  const error = denialAsError(denial, name)
  const code = error.code === RESOURCE_NOT_FOUND ? MODERN_ERRORS.invalidParams : (error.code ?? null)
  return errorMessage(id, { ...error, code })
}

/** What goes to the client where there is no answer; null when it has cancelled and needs none. */
export function failureMessage(id: RequestId, reply: Extract<Reply, { kind: 'failure' }>): JsonObject | null {
  if (reply.isCancelled) return null
  const { status, message } = reply.failure
  return errorMessage(id, { code: UPSTREAM_FAILED, message, ...(status === null ? {} : { data: { status } }) })
}

/** Depends on who asks, so nobody may keep it for another. */
export function asPrivate(result: JsonObject): JsonObject {
  return { ...result, cacheScope: 'private' }
}

/** A list that was filtered for one identity, by what is in force now. */
export function asFiltered(result: JsonObject): JsonObject {
  const { ttlMs } = result
  return { ...asPrivate(result), ttlMs: typeof ttlMs === 'number' ? Math.max(0, Math.min(ttlMs, SHORT_TTL_MS)) : 0 }
}

/** The upstream's own description, with what this proxy carries; it tells of changed lists itself. */
export function asDiscovered(result: JsonObject): JsonObject {
  const capabilities = isJsonObject(result.capabilities) ? result.capabilities : {}
  const tools: JsonObject = isJsonObject(capabilities.tools)
    ? { tools: { ...capabilities.tools, listChanged: true } }
    : {}
  const supportedVersions = carriedVersions(result.supportedVersions)
  return asFiltered({ ...result, supportedVersions, capabilities: { ...capabilities, ...tools } })
}

/** What a server that the caller is not granted says of itself. */
export function emptyDiscovery(slug: string): JsonObject {
  return asFiltered({
    resultType: 'complete',
    supportedVersions: carriedVersions(undefined),
    capabilities: { tools: { listChanged: true } },
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: slug, version: '0' } },
  })
}
