import { createHmac } from 'node:crypto'
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, PreciseNumber, writeJson } from '@/lib/policy'
import { isSecretName, MASK, maskSecrets } from './secret-shapes'

/** How much of a call's arguments the record keeps; a server's own setting. */
export type ArgumentsKept = 'keep' | 'masked' | 'keys' | 'none'

export interface MaskingRules {
  readonly kept: ArgumentsKept
  /** Paths of the policy's `redact`, as written: `args.input.pin`, `args.items.*.card`. */
  readonly redact: readonly string[]
  /** The tool's input schema, whose `format: password` and `writeOnly` mark secrets. */
  readonly inputSchema?: unknown
}

export interface MaskedArguments {
  readonly arguments: JsonValue | null
  /** RFC 6901 pointers of what was replaced, wholly or in part. */
  readonly maskedPaths: string[]
}

type Path = readonly string[]

/**
 * What a record may hold of a call's arguments. A policy's `redact` and well-known secret shapes are replaced whatever is
 * kept; `masked` also replaces what the schema marks and what a key's name gives away; `keys` keeps names and types only.
 */
export function maskArguments(args: JsonObject, rules: MaskingRules): MaskedArguments {
  if (rules.kept === 'none') return { arguments: null, maskedPaths: [] }
  if (rules.kept === 'keys') return { arguments: typesOf(args), maskedPaths: [] }
  const maskedPaths: string[] = []
  const redact = rules.redact.flatMap(path => (path.startsWith('args.') ? [path.slice(5).split('.')] : []))
  const isStrict = rules.kept === 'masked'
  const walk = (value: JsonValue, path: Path, schema: unknown): JsonValue => {
    if (
      path.length > 0 &&
      (redact.some(pattern => matches(pattern, path)) || (isStrict && isMarked(schema, path, value)))
    )
      return mask(path)
    if (typeof value === 'string') {
      const masked = maskSecrets(value)
      if (masked !== value) maskedPaths.push(pointer(path))
      return masked
    }
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, String(i)], itemsOf(schema)))
    if (!isJsonObject(value)) return value
    return mapObject(value, (item, key) => walk(item, [...path, key], propertyOf(schema, key)))
  }
  const mask = (path: Path) => {
    maskedPaths.push(pointer(path))
    return MASK
  }
  return { arguments: walk(args, [], rules.inputSchema), maskedPaths }
}

/**
 * HMAC-SHA-256 (hex) over the arguments' RFC 8785 form: equal calls can be found without their arguments being stored,
 * and nobody without the key can try values against it.
 * @param key of lib/secret, use `argument-digest`
 */
export function argumentDigest(key: Buffer, args: JsonObject): string {
  let text: string
  try {
    text = canonicalJson(args)
  } catch {
    // A lone surrogate has no canonical form; the text as sent still tells equal calls apart from others.
    text = writeJson(args)
  }
  return createHmac('sha256', key).update(text).digest('hex')
}

/** Whether what stands at `path` (`args.a.b`) was masked, or holds something that was. */
export function isMaskedAt(path: string, maskedPaths: readonly string[]): boolean {
  const wanted = path.split('.').slice(1)
  return maskedPaths.some(masked => {
    const parts = masked
      .slice(1)
      .split('/')
      .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    return wanted.every((part, i) => i >= parts.length || part === '*' || part === parts[i])
  })
}

function matches(pattern: Path, path: Path): boolean {
  return pattern.length === path.length && pattern.every((part, i) => part === '*' || part === path[i])
}

/** A whole list or object under a secret's name is one: `credentials: {user, key}`, `passwords: [...]`. */
function isMarked(schema: unknown, path: Path, value: JsonValue): boolean {
  if (isObject(schema) && (schema.format === 'password' || schema.writeOnly === true)) return true
  const isEmpty = value === null || value === '' || typeof value === 'boolean'
  return !isEmpty && isSecretName(path.at(-1) ?? '')
}

/** `__proto__` is a key like any other in arguments, so the copy has no prototype to meet it. */
function mapObject(value: JsonObject, change: (item: JsonValue, key: string) => JsonValue): JsonObject {
  const copy: Record<string, JsonValue> = Object.create(null)
  for (const [key, item] of Object.entries(value)) copy[key] = change(item, key)
  return copy
}

function typesOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.slice(0, 1).map(typesOf)
  if (isJsonObject(value)) return mapObject(value, typesOf)
  return value === null ? 'null' : value instanceof PreciseNumber ? 'number' : typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function propertyOf(schema: unknown, key: string): unknown {
  if (!isObject(schema)) return undefined
  const { properties, additionalProperties } = schema
  return isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties
}

function itemsOf(schema: unknown): unknown {
  return isObject(schema) ? schema.items : undefined
}

function pointer(path: Path): string {
  return path.map(part => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
