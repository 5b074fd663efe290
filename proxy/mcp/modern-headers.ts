import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import { isJsonObject, type JsonObject, type JsonValue, writeJson } from '@/lib/policy'
import type { RequestMessage } from './messages'
import { META, metaOf } from './modern-version'

/** Headers that agree with the body, to go upstream with it; or why they do not. */
export type Agreement =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string }

/** The member of `params` that `Mcp-Name` mirrors. */
const NAMED: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}
const PARAM = 'mcp-param-'
const MAX_DEPTH = 32

/**
 * Compares what a request's headers mirror with its body (2026-07-28, Server Validation). The body is what is judged; the
 * headers must only say the same, since others may have gone by them or will. Headers of parameters that the definition
 * does not name go on as they came.
 * @param inputSchema of the tool that is called; undefined where none is known
 */
export function agreeHeaders(
  message: RequestMessage,
  headers: IncomingHttpHeaders,
  inputSchema: JsonValue | undefined,
): Agreement {
  const { method, params } = message
  const mirrored: [header: string, value: JsonValue | undefined][] = [
    ['mcp-protocol-version', metaOf(params)?.[META.version]],
    ['mcp-method', method],
  ]
  const named = Object.hasOwn(NAMED, method) ? NAMED[method] : undefined
  if (named) mirrored.push(['mcp-name', params?.[named]])
  if (method === 'tools/call') mirrored.push(...mirroredParameters(inputSchema, params?.arguments))
  const agreed = paramHeaders(headers)
  for (const [name, value] of mirrored) {
    const text = headers[name]
    const problem = disagreement(name, typeof text === 'string' ? text : undefined, value)
    if (problem) return { ok: false, problem }
    if (typeof text === 'string') agreed[name] = text
  }
  const unreadable = Object.entries(agreed).find(([, text]) => decode(text) === null)
  if (unreadable) return { ok: false, problem: `The header ${unreadable[0]} holds characters that it may not.` }
  return { ok: true, headers: agreed }
}

function paramHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, text] of Object.entries(headers))
    if (name.startsWith(PARAM) && typeof text === 'string') found[name] = text
  return found
}

function disagreement(name: string, text: string | undefined, value: JsonValue | undefined): string | null {
  const isAbsent = value === undefined || value === null
  if (text === undefined) return isAbsent ? null : `The header ${name} is missing.`
  if (isAbsent) return `The header ${name} says something that the body does not.`
  // The sentinel is for names and parameters; a version or method has no need of it.
  const said = name === 'mcp-name' || name.startsWith(PARAM) ? decode(text) : text
  return said !== null && isSame(said, value) ? null : `The header ${name} does not say what the body says.`
}

function isSame(said: string, value: JsonValue): boolean {
  if (typeof value === 'string') return said === value
  if (typeof value === 'number') return /^-?\d+(\.\d+)?$/.test(said) && Number(said) === value
  return said === writeJson(value)
}

/** What a header says, decoded where it is encoded (`=?base64?…?=`); null when it says nothing readable. */
function decode(text: string): string | null {
  if (!/^[\t\x20-\x7e]*$/.test(text)) return null
  const encoded = /^=\?base64\?(.*)\?=$/.exec(text)?.[1]
  if (encoded === undefined) return text
  const bytes = Buffer.from(encoded, 'base64')
  return isUtf8(bytes) && bytes.toString('base64') === encoded ? bytes.toString() : null
}

/** What `x-mcp-header` in a definition asks to be mirrored, with the values of this call. */
function mirroredParameters(
  schema: JsonValue | undefined,
  value: JsonValue | undefined,
  depth = 0,
): [header: string, value: JsonValue | undefined][] {
  const properties = isJsonObject(schema) ? schema.properties : undefined
  if (!isJsonObject(properties) || depth > MAX_DEPTH) return []
  const given: JsonObject = isJsonObject(value) ? value : {}
  return Object.entries(properties).flatMap(([key, property]) => {
    const own = Object.hasOwn(given, key) ? given[key] : undefined
    const deeper = mirroredParameters(property, own, depth + 1)
    const header = isJsonObject(property) ? property['x-mcp-header'] : undefined
    return typeof header === 'string' ? [[PARAM + header.toLowerCase(), own] as const, ...deeper] : deeper
  }) as [string, JsonValue | undefined][]
}
