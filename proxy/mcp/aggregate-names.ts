import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { ListKind } from './requests'

/** Where a name of the aggregate address leads: a slug holds neither `_` nor `+`, so the first one parts them. */
interface Target {
  readonly slug: string
  readonly name: string
}

export function prefixedName(slug: string, name: string): string {
  return `${slug}__${name}`
}

/** The prefix becomes part of the scheme (RFC 3986 §3.1), so that an address stays one: `files+file:///notes`. */
export function prefixedUri(slug: string, uri: string): string {
  return `${slug}+${uri}`
}

function targetOfName(name: string): Target | null {
  return targetOf(/^([a-z0-9-]{1,63})__([\s\S]+)$/.exec(name))
}

function targetOfUri(uri: string): Target | null {
  return targetOf(/^([a-z0-9-]{1,63})\+([\s\S]+)$/.exec(uri))
}

function targetOf(match: RegExpExecArray | null): Target | null {
  const [, slug, name] = match ?? []
  return slug !== undefined && name !== undefined ? { slug, name } : null
}

export interface Redirection {
  readonly slug: string
  readonly params: JsonObject
}

/** A request's params as its server takes them, and where they go; null when they lead nowhere. */
export function unprefixedParams(method: string, params: JsonObject = {}): Redirection | null {
  if (method === 'completion/complete') {
    const { ref } = params
    const inner = isJsonObject(ref) ? unprefixed(ref, ref.type === 'ref/prompt' ? 'name' : 'uri') : null
    return inner && { slug: inner.slug, params: { ...params, ref: inner.params } }
  }
  return unprefixed(params, method.startsWith('resources/') ? 'uri' : 'name')
}

function unprefixed(params: JsonObject, key: 'name' | 'uri'): Redirection | null {
  const value = params[key]
  if (typeof value !== 'string') return null
  const target = key === 'uri' ? targetOfUri(value) : targetOfName(value)
  return target && { slug: target.slug, params: { ...params, [key]: target.name } }
}

/** An entry of a list under its prefixed name. All else of it stays as it is. */
export function prefixedEntry(slug: string, kind: ListKind, entry: JsonValue): JsonValue {
  if (!isJsonObject(entry)) return entry
  if (kind === 'tools') return withView(slug, withName(slug, entry))
  if (kind === 'prompts') return withName(slug, entry)
  return withUri(slug, entry, kind === 'resources' ? 'uri' : 'uriTemplate')
}

/** A result in which every address that the client may read is one that it can read here. */
export function prefixedResult(slug: string, result: JsonObject): JsonObject {
  const { content, contents, messages } = result
  return {
    ...result,
    ...(Array.isArray(content) ? { content: content.map(item => prefixedContent(slug, item)) } : {}),
    ...(Array.isArray(contents) ? { contents: contents.map(item => withUri(slug, item, 'uri')) } : {}),
    ...(Array.isArray(messages) ? { messages: messages.map(item => prefixedMessage(slug, item)) } : {}),
  }
}

function prefixedMessage(slug: string, message: JsonValue): JsonValue {
  return isJsonObject(message) ? { ...message, content: prefixedContent(slug, message.content ?? null) } : message
}

/** MCP 2025-11-25, content blocks: a link to a resource, or a resource with its contents. */
function prefixedContent(slug: string, item: JsonValue): JsonValue {
  if (!isJsonObject(item)) return item
  if (item.type === 'resource_link') return withUri(slug, item, 'uri')
  if (item.type === 'resource') return { ...item, resource: withUri(slug, item.resource ?? null, 'uri') }
  return item
}

function withName(slug: string, entry: JsonObject): JsonObject {
  return typeof entry.name === 'string' ? { ...entry, name: prefixedName(slug, entry.name) } : entry
}

function withUri(slug: string, entry: JsonValue, key: string): JsonValue {
  if (!isJsonObject(entry)) return entry
  const uri = entry[key]
  return typeof uri === 'string' ? { ...entry, [key]: prefixedUri(slug, uri) } : entry
}

/** MCP Apps: the resource that shows a tool's result is named in the tool's `_meta`. */
function withView(slug: string, tool: JsonObject): JsonObject {
  const meta = tool._meta
  if (!isJsonObject(meta) || !isJsonObject(meta.ui)) return tool
  return { ...tool, _meta: { ...meta, ui: withUri(slug, meta.ui, 'resourceUri') } }
}
