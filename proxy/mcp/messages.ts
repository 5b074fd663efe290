import { maskSecrets } from '@/lib/audit/secret-shapes'
import {
  DEFAULT_JSON_LIMITS,
  isJsonObject,
  type JsonObject,
  type JsonReading,
  type JsonValue,
  readJson,
  writeJson,
} from '@/lib/policy'

/** JSON-RPC 2.0 ids that MCP allows: text, or an integer that a double holds. */
export type RequestId = string | number

export interface RequestMessage {
  readonly kind: 'request'
  readonly id: RequestId
  readonly method: string
  readonly params: JsonObject | undefined
  /** The whole message, as it was judged. */
  readonly body: JsonObject
  /** How it came, where that is one frame already; it stands for this body and for no other. */
  readonly source?: { readonly text: string; readonly body: JsonObject }
}

export interface NotificationMessage {
  readonly kind: 'notification'
  readonly method: string
  readonly params: JsonObject | undefined
  readonly body: JsonObject
}

export interface ResponseMessage {
  readonly kind: 'response'
  /** null in an error that answers nothing in particular. */
  readonly id: RequestId | null
  readonly body: JsonObject
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage

/** What could not be read as one message, with what is known of it. */
export interface Malformed {
  readonly kind: 'malformed'
  readonly problem: string
  /** -32700: not JSON; -32600: JSON, but not one JSON-RPC message. */
  readonly code: -32700 | -32600
  readonly id: RequestId | null
  readonly method: string | null
  readonly params: JsonObject | null
}

const ENVELOPE: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])
const MAX_ID_LENGTH = 256
const MAX_METHOD_LENGTH = 128

/** Entries, since a body of millions of them would hold up everybody else for seconds. */
const CLIENT_LIMITS = { ...DEFAULT_JSON_LIMITS, maxEntries: 100_000 }
/** Larger than what clients may send: resources and pictures come this way. */
const UPSTREAM_LIMITS = { maxLength: 32 * 1024 * 1024, maxDepth: 256, maxEntries: 500_000 }

/** Reads what a client sent: one message, and nothing that two readers could understand differently (DESIGN §5.2). */
export function readClientMessage(text: string): Message | Malformed {
  const reading = readJson(text, CLIENT_LIMITS)
  if (reading.ok) return readMessage(reading.value, text)
  const code = reading.reason === 'syntax' ? -32700 : -32600
  return { ...malformed(reading.message, null), code }
}

/** Reads what an upstream sent. */
export function readUpstreamMessage(text: string): Message | Malformed {
  const reading: JsonReading = readJson(text, UPSTREAM_LIMITS)
  return reading.ok ? readMessage(reading.value) : malformed(reading.message, null)
}

/** @param text where it may stand for the message when that is forwarded */
function readMessage(value: JsonValue, text?: string): Message | Malformed {
  if (Array.isArray(value)) return malformed('Batches are not taken: send one message at a time.', null)
  if (!isJsonObject(value)) return malformed('A JSON-RPC message is an object.', null)
  for (const key of Object.keys(value)) {
    if (!ENVELOPE.has(key))
      return malformed(`A JSON-RPC message has no member ${JSON.stringify(maskSecrets(key).slice(0, 64))}.`, value)
  }
  if (value.jsonrpc !== '2.0') return malformed('The member "jsonrpc" is not "2.0".', value)
  if (value.method !== undefined) return readCall(value, text)
  return readResponse(value)
}

function readCall(body: JsonObject, text: string | undefined): Message | Malformed {
  const { id, method, params } = body
  if (typeof method !== 'string' || method === '' || method.length > MAX_METHOD_LENGTH)
    return malformed('The member "method" is not a short text.', body)
  if (body.result !== undefined || body.error !== undefined)
    return malformed('A message has either "method", or "result", or "error".', body)
  if (params !== undefined && !isJsonObject(params)) return malformed('The member "params" is not an object.', body)
  if (id === undefined) {
    // A call without an id is still a call to some servers, and would pass unjudged.
    if (!method.startsWith('notifications/')) return malformed(`"${method}" is a request and needs an id.`, body)
    return { kind: 'notification', method, params, body }
  }
  if (!isRequestId(id)) return malformed('The member "id" is neither a short text nor an integer.', body)
  if (method.startsWith('notifications/')) return malformed(`"${method}" is a notification and takes no id.`, body)
  if (text === undefined || hasAny(text, NEED_WRITING)) return { kind: 'request', id, method, params, body }
  return { kind: 'request', id, method, params, body, source: { text, body } }
}

function readResponse(body: JsonObject): ResponseMessage | Malformed {
  const hasResult = body.result !== undefined
  if (hasResult === (body.error !== undefined))
    return malformed('A message has either "method", or "result", or "error".', body)
  if (body.params !== undefined) return malformed('An answer has no "params".', body)
  if (!hasResult && !isJsonObject(body.error)) return malformed('The member "error" is not an object.', body)
  const { id } = body
  if (!hasResult && (id === null || id === undefined)) return { kind: 'response', id: null, body }
  return isRequestId(id) ? { kind: 'response', id, body } : malformed('The member "id" names no request.', body)
}

function isRequestId(id: JsonValue | undefined): id is RequestId {
  if (typeof id === 'string') return id.length <= MAX_ID_LENGTH
  return typeof id === 'number' && Number.isSafeInteger(id)
}

function malformed(problem: string, body: JsonObject | null): Malformed {
  const id = body && isRequestId(body.id) ? body.id : null
  const method = typeof body?.method === 'string' ? maskSecrets(body.method).slice(0, MAX_METHOD_LENGTH) : null
  const params = isJsonObject(body?.params) ? body.params : null
  return { kind: 'malformed', problem, code: -32600, id, method, params }
}

// Not line breaks of JSON, but of some readers of lines.
const LINE_LIKE = ['\u0085', '\u2028', '\u2029']
/** And escapes, which not every reader undoes alike. */
const NEED_WRITING = ['\\', '\n', '\r', ...LINE_LIKE]

// Looking for one character at a time is ten times as fast as a regular expression.
function hasAny(text: string, characters: readonly string[]): boolean {
  for (const character of characters) if (text.includes(character)) return true
  return false
}

/** A judged request as one frame: as it came where that is safe, since it was read strictly, else written anew. */
export function frameOfRequest({ source, body }: RequestMessage): string {
  return source?.body === body ? source.text : frameOf(body)
}

const EACH_LINE_LIKE = /[\u0085\u2028\u2029]/g

/**
 * One judged message as one frame: JSON on one line. JSON text escapes every control character, and the three that some
 * readers take for line breaks are escaped here.
 */
export function frameOf(body: JsonObject): string {
  const text = writeJson(body)
  if (!hasAny(text, LINE_LIKE)) return text
  return text.replace(EACH_LINE_LIKE, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function resultMessage(id: RequestId, result: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id, result }
}

export function errorMessage(id: RequestId | null, error: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id, error }
}
