import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, PreciseNumber, writeJson } from '@/lib/policy'
import { canonicalText } from './canonical-text'
import { hmacSha256 } from './hmac'
import { isSecretName, MASK, maskSecrets, mayHoldSecret } from './secret-shapes'

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
 * @param text of the arguments as JSON, where it is known: one look at it nearly always tells that nothing is to be masked
 */
export function maskArguments(args: JsonObject, rules: MaskingRules, text?: string): MaskedArguments {
  if (rules.kept === 'none') return { arguments: null, maskedPaths: [] }
  if (rules.kept === 'keys') return { arguments: typesOf(args), maskedPaths: [] }
  if (text !== undefined && isPlain(args, rules, text)) return { arguments: args, maskedPaths: [] }
  const redact = rules.redact.flatMap(path => (path.startsWith('args.') ? [path.slice(5).split('.')] : []))
  const masking = new Masking(redact, rules.kept === 'masked')
  return { arguments: masking.walk(args, rules.inputSchema), maskedPaths: masking.maskedPaths }
}

/** Whether nothing is to be masked, as far as that is seen without a walk. */
function isPlain(args: JsonObject, { kept, redact, inputSchema }: MaskingRules, text: string): boolean {
  // No literal of a secret's shape holds a character that JSON escapes, so that none hides in the text.
  if (redact.length > 0 || mayHoldSecret(text)) return false
  return kept === 'keep' || !(marksAny(inputSchema) || hasSecretName(args))
}

const marking = new WeakMap<object, boolean>()

/** Whether a schema marks a secret anywhere. Asked of the same schema at each call. */
function marksAny(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const known = marking.get(schema)
  if (known !== undefined) return known
  const isMarking = marksSecret(schema) || Object.values(schema).some(marksAny)
  marking.set(schema, isMarking)
  return isMarking
}

function hasSecretName(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null || value instanceof PreciseNumber) return false
  if (Array.isArray(value)) return value.some(hasSecretName)
  const object = value as JsonObject
  for (const key of Object.keys(object)) if (isSecretName(key) || hasSecretName(object[key] as JsonValue)) return true
  return false
}

/** One walk over a call's arguments. What holds nothing to be masked, as nearly always, is the value itself and no copy. */
class Masking {
  readonly maskedPaths: string[] = []
  /** Of the value that is looked at. */
  readonly #path: string[] = []

  constructor(
    private readonly redact: readonly Path[],
    private readonly isStrict: boolean,
  ) {}

  walk(value: JsonValue, schema: unknown): JsonValue {
    if (this.#isMarked(value, schema)) return this.#note(MASK)
    if (typeof value === 'string') {
      const masked = maskSecrets(value)
      return masked === value ? value : this.#note(masked)
    }
    if (typeof value !== 'object' || value === null || value instanceof PreciseNumber) return value
    return Array.isArray(value) ? this.#list(value, itemsOf(schema)) : this.#object(value as JsonObject, schema)
  }

  #isMarked(value: JsonValue, schema: unknown): boolean {
    const path = this.#path
    if (path.length === 0) return false
    if (this.redact.length > 0 && this.redact.some(pattern => matches(pattern, path))) return true
    return this.isStrict && isMarked(schema, path, value)
  }

  #note(masked: string): string {
    this.maskedPaths.push(pointer(this.#path))
    return masked
  }

  #list(list: readonly JsonValue[], schema: unknown): JsonValue {
    let copy: JsonValue[] | null = null
    for (let i = 0; i < list.length; i++) {
      const item = list[i] as JsonValue
      this.#path.push(String(i))
      const masked = this.walk(item, schema)
      this.#path.pop()
      if (masked === item) continue
      copy ??= [...list]
      copy[i] = masked
    }
    return copy ?? (list as JsonValue)
  }

  #object(object: JsonObject, schema: unknown): JsonValue {
    const keys = Object.keys(object)
    if (keys.some(isSecret)) return this.#renamed(object, schema)
    let copy: Record<string, JsonValue> | null = null
    for (const key of keys) {
      const item = object[key] as JsonValue
      this.#path.push(key)
      const masked = this.walk(item, propertyOf(schema, key))
      this.#path.pop()
      if (masked === item) continue
      copy ??= mapObject(object, same => same)
      copy[key] = masked
    }
    return copy ?? object
  }

  /** A key may be a secret itself, as in a map by access key. */
  #renamed(object: JsonObject, schema: unknown): JsonValue {
    const renamed = mapObject(object, same => same)
    for (const name of Object.keys(renamed))
      if (!Object.hasOwn(object, name)) this.maskedPaths.push(pointer([...this.#path, name]))
    return this.#object(renamed, schema)
  }
}

/** Any other value of a record, with every well-known secret in its strings and keys replaced. */
export function maskValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return maskSecrets(value)
  if (Array.isArray(value)) return value.map(maskValue)
  return isJsonObject(value) ? mapObject(value, maskValue) : value
}

/**
 * HMAC-SHA-256 (hex) over the arguments' RFC 8785 form: equal calls can be found without their arguments being stored,
 * and nobody without the key can try values against it.
 * @param key of lib/secret, use `argument-digest`
 * @param text of the arguments by `canonicalText`, where it is known
 */
export function argumentDigest(key: Buffer, args: JsonObject, text = canonicalText(args)): string {
  return hmacSha256(key, text ?? textWithCare(args))
}

function textWithCare(args: JsonObject): string {
  try {
    return canonicalJson(args)
  } catch {
    // A lone surrogate has no canonical form; the text as sent still tells equal calls apart from others.
    return writeJson(args)
  }
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
  if (marksSecret(schema)) return true
  const isEmpty = value === null || value === '' || typeof value === 'boolean'
  return !isEmpty && isSecretName(path.at(-1) ?? '')
}

function marksSecret(schema: unknown): boolean {
  return isObject(schema) && (schema.format === 'password' || schema.writeOnly === true)
}

/** `__proto__` is a key like any other in arguments, so the copy has no prototype to meet it. */
function mapObject(value: JsonObject, change: (item: JsonValue, key: string) => JsonValue): Record<string, JsonValue> {
  const copy: Record<string, JsonValue> = Object.create(null)
  for (const [key, item] of Object.entries(value)) copy[safeKey(copy, key)] = change(item, key)
  return copy
}

/** Shorter than any secret's shape. */
const SHORTEST_SECRET = 14

function isSecret(key: string): boolean {
  return key.length >= SHORTEST_SECRET && maskSecrets(key) !== key
}

/** The key without a secret; two that were secrets stay two. */
function safeKey(copy: JsonObject, key: string): string {
  if (!isSecret(key)) return key
  const masked = maskSecrets(key)
  let name = masked
  for (let count = 2; Object.hasOwn(copy, name); count++) name = `${masked} ${count}`
  return name
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
