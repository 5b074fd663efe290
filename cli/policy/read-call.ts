import {
  type Call,
  type Identity,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  readJson,
  type ToolDefinition,
} from '@/lib/policy'
import { BadInput } from './bad-input'

export interface CallLine {
  readonly call: Call
  readonly upstreamFails: boolean
}

/** Reads one line of `--calls`. `at` is an RFC 3339 time or epoch milliseconds. */
export function readCall(
  line: string,
  place: string,
  server: string,
  tools: ReadonlyMap<string, ToolDefinition>,
): CallLine {
  const reading = readJson(line)
  if (!reading.ok) throw new BadInput(`${place} is no JSON: ${reading.message}.`)
  const { value } = reading
  if (!isJsonObject(value)) throw new BadInput(`${place} is no JSON object.`)
  const { tool, args, upstream } = value
  if (typeof tool !== 'string') throw new BadInput(`${place}: "tool" must be the tool's name.`)
  if (args !== undefined && args !== null && !isJsonObject(args))
    throw new BadInput(`${place}: "args" must be an object.`)
  if (upstream !== undefined && upstream !== 'ok' && upstream !== 'error') {
    throw new BadInput(`${place}: "upstream" is "ok" or "error".`)
  }
  const definition = tools.get(tool)
  const call: Call = {
    method: 'tools/call',
    tool: {
      name: tool,
      ...(definition?.category ? { category: definition.category } : {}),
      ...(definition?.risk ? { risk: definition.risk } : {}),
      ...(isJsonObject(definition?.annotations) ? { annotations: definition.annotations } : {}),
    },
    args: args ?? {},
    identity: readIdentity(value.identity, place),
    session: readSession(value.session, place),
    server: { name: server },
    at: readTime(value.at, place),
    definition: definition ?? null,
  }
  return { call, upstreamFails: upstream === 'error' }
}

function readTime(at: JsonValue | undefined, place: string): number {
  const time = typeof at === 'string' ? Date.parse(at) : at
  if (typeof time === 'number' && Number.isFinite(time)) return time
  throw new BadInput(`${place}: "at" must be a time such as "2026-01-05T12:00:00Z".`)
}

function readSession(session: JsonValue | undefined, place: string): { id: string } | null {
  if (session === undefined || session === null) return null
  const id = isJsonObject(session) ? session.id : session
  if (typeof id !== 'string') throw new BadInput(`${place}: "session" must be its id.`)
  return { id }
}

function readIdentity(identity: JsonValue | undefined, place: string): Identity | null {
  if (identity === undefined || identity === null) return null
  if (typeof identity === 'string') return { id: identity, name: identity }
  if (!isJsonObject(identity)) throw new BadInput(`${place}: "identity" must be an object or a name.`)
  for (const key of ['id', 'name', 'kind'] as const) {
    if (identity[key] !== undefined && typeof identity[key] !== 'string')
      throw new BadInput(`${place}: identity.${key} must be text.`)
  }
  const { groups, labels } = identity
  if (groups !== undefined && !(Array.isArray(groups) && groups.every(group => typeof group === 'string'))) {
    throw new BadInput(`${place}: identity.groups must be a list of names.`)
  }
  if (labels !== undefined && !isTextRecord(labels))
    throw new BadInput(`${place}: identity.labels must be an object of texts.`)
  return identity as Identity
}

function isTextRecord(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && Object.values(value).every(item => typeof item === 'string')
}
