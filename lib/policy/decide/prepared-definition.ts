import { sha256Hex, type ToolDefinition } from '../definition'
import { isJsonObject } from '../json/value'
import { canonicalJson } from '../json/write'
import { compilePattern, type Pattern } from '../patterns'
import { allowsNull } from './allows-null'
import { compileSchema, type SchemaTest } from './schema-validator'

export interface RequiredArgument {
  readonly name: string
  readonly allowsNull: boolean
}

export interface KnownArguments {
  readonly names: ReadonlySet<string>
  readonly patterns: readonly Pattern[]
}

type Prepared<T> = T | { readonly fault: string }

/** What `validate` needs of a definition, worked out on first use and kept. */
export class PreparedDefinition {
  #required: Prepared<readonly RequiredArgument[]> | undefined
  #known: Prepared<KnownArguments> | undefined
  #schema: Prepared<SchemaTest> | undefined

  constructor(private readonly definition: ToolDefinition) {}

  get required(): Prepared<readonly RequiredArgument[]> {
    this.#required ??= prepare(() => readRequired(this.definition.inputSchema))
    return this.#required
  }

  get known(): Prepared<KnownArguments> {
    this.#known ??= prepare(() => readKnown(this.definition.inputSchema))
    return this.#known
  }

  get schema(): Prepared<SchemaTest> {
    return this.compileAhead()
  }

  /** Milliseconds of work, so it is done before the first call where the definitions are known. */
  compileAhead(): Prepared<SchemaTest> {
    this.#schema ??= prepare(() => compileSchema(this.definition.inputSchema))
    return this.#schema
  }
}

const prepared = new WeakMap<ToolDefinition, PreparedDefinition>()

/** Schemas that are kept by what they say, so that a published change does not compile all the others again. */
const MAX_KEPT = 4096
const kept = new Map<string, PreparedDefinition>()

/** The same definition object is prepared once, and so are definitions with the same input schema. */
export function prepareDefinition(definition: ToolDefinition): PreparedDefinition {
  const known = prepared.get(definition)
  if (known) return known
  const made = shareBySchema(definition)
  prepared.set(definition, made)
  return made
}

function shareBySchema(definition: ToolDefinition): PreparedDefinition {
  const key = keyOf(definition.inputSchema)
  const known = key === null ? undefined : kept.get(key)
  if (known) return known
  const made = new PreparedDefinition(definition)
  if (key === null) return made
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(key, made)
  return made
}

/** null for a schema that has no canonical form; such a one is prepared for itself. */
function keyOf(schema: unknown): string | null {
  try {
    return sha256Hex(canonicalJson(schema))
  } catch {
    return null
  }
}

function prepare<T>(make: () => T): Prepared<T> {
  try {
    return make()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { fault: `the pinned definition cannot be used: ${reason.slice(0, 200)}` }
  }
}

function readRequired(schema: unknown): readonly RequiredArgument[] {
  if (!isJsonObject(schema)) throw new Error('its input schema is no object')
  const { required = [], properties = {} } = schema as { required?: unknown; properties?: unknown }
  if (!Array.isArray(required) || !required.every(name => typeof name === 'string'))
    throw new Error('`required` is no list of names')
  if (!isJsonObject(properties)) throw new Error('`properties` is no object')
  return required.map((name: string) => {
    const property: unknown = Object.hasOwn(properties, name) ? properties[name] : true
    return { name, allowsNull: allowsNull(property, schema) }
  })
}

function readKnown(schema: unknown): KnownArguments {
  if (!isJsonObject(schema)) throw new Error('its input schema is no object')
  const { properties = {}, patternProperties = {} } = schema as { properties?: unknown; patternProperties?: unknown }
  if (!isJsonObject(properties) || !isJsonObject(patternProperties)) throw new Error('its properties are no object')
  const patterns = Object.keys(patternProperties).map(source => {
    const pattern = compilePattern(source)
    if ('fault' in pattern) throw new Error(pattern.fault)
    return pattern
  })
  return { names: new Set(Object.keys(properties)), patterns }
}
