import type { IncomingHttpHeaders } from 'node:http'
import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { TraceContext } from '../tracing'
import type { Message, RequestMessage } from './messages'

// W3C Trace Context §3.2: ids of all zeros are none, and version ff is forbidden. Later versions may add fields behind.
const PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{1,200})?$/
const STATE = /^[\x20-\x7e]{1,512}$/

/** The trace id of a `traceparent` in `_meta`; null when there is none. */
export function traceOf(params: JsonObject | undefined): string | null {
  const { traceparent } = metaOf(params)
  return typeof traceparent === 'string' ? (PARENT.exec(traceparent)?.[1] ?? null) : null
}

/**
 * Puts the trace that a request's headers name where MCP carries it, into `_meta`: so it is part of what is judged, and goes
 * to servers over stdio too. What `_meta` says already wins.
 */
export function withTrace(message: Message, { traceparent, tracestate }: IncomingHttpHeaders): Message {
  if (message.kind !== 'request' || typeof traceparent !== 'string' || !PARENT.test(traceparent)) return message
  const given = message.params?._meta
  if ((given !== undefined && !isJsonObject(given)) || given?.traceparent !== undefined) return message
  const state: JsonObject = isState(tracestate) ? { tracestate } : {}
  const params: JsonObject = { ...message.params, _meta: { ...given, traceparent, ...state } }
  return { ...message, params, body: { ...message.body, params } }
}

/** The request as part of a span of this proxy's, where it makes spans; else as it came. */
export function inTrace(message: RequestMessage, trace: TraceContext | null): RequestMessage {
  const given = message.params?._meta
  if (!trace || (given !== undefined && !isJsonObject(given))) return message
  const { tracestate: _, ...kept } = given ?? {}
  const { traceparent, tracestate } = trace
  const _meta: JsonObject = { ...kept, traceparent, ...(tracestate === undefined ? {} : { tracestate }) }
  const params: JsonObject = { ...message.params, _meta }
  return { ...message, params, body: { ...message.body, params } }
}

/** The headers that tell an upstream over HTTP of the trace; nothing else of a client's headers reaches it. */
export function traceHeaders(params: JsonObject | undefined): Record<string, string> {
  const { traceparent, tracestate } = metaOf(params)
  if (typeof traceparent !== 'string' || !PARENT.test(traceparent)) return {}
  return { traceparent, ...(isState(tracestate) ? { tracestate } : {}) }
}

function metaOf(params: JsonObject | undefined): JsonObject {
  const meta = params?._meta
  return isJsonObject(meta) ? meta : {}
}

function isState(value: JsonValue | string[] | undefined): value is string {
  return typeof value === 'string' && STATE.test(value)
}
