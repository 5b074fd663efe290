import { isJsonObject } from '../json/value'

/** Keywords that hold one schema, or a list of them. */
const HOLDS_SCHEMA = new Set([
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
])

/** Keywords that hold schemas by name; `dependencies` holds lists of names too, which stay as they are. */
const HOLDS_NAMED = new Set([
  '$defs',
  'definitions',
  'dependencies',
  'dependentSchemas',
  'patternProperties',
  'properties',
])

/**
 * Keywords of Ajv that JSON Schema does not have. `$async` makes a validator that answers with a promise, which is true
 * whatever it holds; `nullable` admits null where the schema's own `type` does not.
 */
const NOT_JSON_SCHEMA = new Set(['$async', 'nullable'])

/** A copy of a schema with only what JSON Schema gives a meaning; data in it (`const`, `enum`, …) is left alone. */
export function copySchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(copySchema)
  if (!isJsonObject(schema)) return schema
  const entries = Object.entries(schema as Record<string, unknown>).flatMap(([key, value]): [string, unknown][] => {
    if (NOT_JSON_SCHEMA.has(key)) return []
    if (HOLDS_SCHEMA.has(key)) return [[key, copySchema(value)]]
    return [[key, HOLDS_NAMED.has(key) ? copyNamed(value) : value]]
  })
  return Object.fromEntries(entries)
}

function copyNamed(schemas: unknown): unknown {
  if (!isJsonObject(schemas)) return schemas
  return Object.fromEntries(
    Object.entries(schemas as Record<string, unknown>).map(([name, schema]) => [name, copySchema(schema)]),
  )
}
