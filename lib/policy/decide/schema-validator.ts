import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import { isJsonObject, type JsonValue } from '../json/value'
import { canonicalJson } from '../json/write'
import { refuseEndlessReferences } from './schema-chains'
import { copySchema } from './schema-copy'

/** Says what does not fit, or null. */
export type SchemaTest = (args: JsonValue) => string | null

/** Upstreams write the schemas: what is larger than this is not compiled. */
const MAX_SCHEMA_LENGTH = 262_144
const MAX_SCHEMA_DEPTH = 64

/** The object that Ajv asks for. Its `toString` names the code: without one Ajv drops every pattern silently. */
const patternEngine = Object.assign(compileSchemaPattern, {
  code: 'compileSchemaPattern',
  toString: () => 'compileSchemaPattern',
})

function compileSchemaPattern(source: string) {
  const pattern = RE2JS.compile(source)
  return { test: (text: string) => pattern.test(text), toString: () => `/${source}/u` }
}

const OPTIONS: Options = {
  strict: false,
  strictNumbers: true,
  allErrors: false,
  validateFormats: false,
  validateSchema: false,
  meta: false,
  addUsedSchema: false,
  useDefaults: false,
  coerceTypes: false,
  removeAdditional: false,
  ownProperties: true,
  logger: false,
  code: { regExp: patternEngine },
}

/** Compiles a JSON Schema, 2020-12 unless `$schema` says draft-07 or 2019-09. Throws a sentence when it cannot. */
export function compileSchema(schema: unknown): SchemaTest {
  if (typeof schema !== 'boolean' && !isJsonObject(schema)) throw new Error('the schema is no object')
  if (depthOf(schema, 0) > MAX_SCHEMA_DEPTH) throw new Error(`the schema is nested deeper than ${MAX_SCHEMA_DEPTH}`)
  const text = JSON.stringify(schema)
  if (text.length > MAX_SCHEMA_LENGTH) throw new Error(`the schema is longer than ${MAX_SCHEMA_LENGTH} characters`)
  refuseEndlessReferences(schema)
  const ajv = ajvFor(typeof schema === 'boolean' ? undefined : schema.$schema)
  boundUniqueItems(ajv)
  const { $schema: _dialect, ...copy } = (
    typeof schema === 'boolean' ? { not: schema ? false : {} } : copySchema(schema)
  ) as Record<string, unknown>
  const validator: ValidateFunction = ajv.compile(copy)
  // `=== true`: an answer that is anything else, a promise say, is no pass.
  return args => ((validator(args) as unknown) === true ? null : sayErrors(validator.errors ?? []))
}

function ajvFor(dialect: unknown): Ajv {
  if (dialect === undefined) return new Ajv2020(OPTIONS)
  if (typeof dialect !== 'string') throw new Error('$schema is no text')
  if (/2020-12/.test(dialect)) return new Ajv2020(OPTIONS)
  if (/2019-09/.test(dialect)) return new Ajv2019(OPTIONS)
  if (/draft-0[67]/.test(dialect)) return new Ajv(OPTIONS)
  throw new Error(`the schema is written in ${dialect.slice(0, 80)}, which is not read here`)
}

/** Ajv compares each item with each other; this takes their canonical texts, so time stays linear. */
function boundUniqueItems(ajv: Ajv): void {
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isWanted: boolean, items: readonly unknown[]) => {
      if (!isWanted) return true
      const seen = new Set(items.map(item => canonicalJson(item)))
      return seen.size === items.length
    },
  })
}

function depthOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null || depth > MAX_SCHEMA_DEPTH) return depth
  let deepest = depth
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item, depth + 1))
  return deepest
}

function sayErrors(errors: readonly ErrorObject[]): string {
  const [first] = errors
  if (!first) return 'the arguments do not fit the schema'
  const place =
    first.instancePath === '' ? 'the arguments' : `argument ${first.instancePath.slice(1).replaceAll('/', '.')}`
  return `${place} ${first.message ?? 'do not fit the schema'}`
}
