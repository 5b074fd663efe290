import type { ToolDefinition } from '../definition'
import type { Validation } from '../document'
import { PreciseNumber } from '../json/precise-number'
import type { JsonObject, JsonValue } from '../json/value'
import { writeJson } from '../json/write'
import { utf8Length } from '../utf8'
import { prepareDefinition } from './prepared-definition'

/** Says in what the arguments fail a rule's `validate`, or null. Never fills, coerces or removes. */
export function faultOfArguments(
  args: JsonObject,
  validation: Validation,
  definition: ToolDefinition | null,
): string | null {
  const { requiredArgs, schema, unknownArgs, maxBytes } = validation
  if (maxBytes !== null) {
    const bytes = utf8Length(writeJson(args))
    if (bytes > maxBytes) return `the arguments take ${bytes} bytes, and at most ${maxBytes} are allowed`
  }
  if (!requiredArgs && !schema && !unknownArgs) return null
  if (!definition) return 'there is no pinned definition to validate against'
  return (
    (requiredArgs ? faultOfRequired(args, definition) : null) ??
    (unknownArgs ? faultOfUnknown(args, definition) : null) ??
    (schema ? faultOfSchema(args, definition) : null)
  )
}

function faultOfRequired(args: JsonObject, definition: ToolDefinition): string | null {
  const { required } = prepareDefinition(definition)
  if ('fault' in required) return required.fault
  for (const { name, allowsNull } of required) {
    if (!Object.hasOwn(args, name)) return `required argument "${name}" is missing`
    if (args[name] === null && !allowsNull) return `required argument "${name}" is null`
  }
  return null
}

function faultOfUnknown(args: JsonObject, definition: ToolDefinition): string | null {
  const { known } = prepareDefinition(definition)
  if ('fault' in known) return known.fault
  for (const name of Object.keys(args)) {
    if (known.names.has(name) || known.patterns.some(pattern => pattern.test(name))) continue
    return `argument "${name.slice(0, 100)}" is not in the tool's schema`
  }
  return null
}

function faultOfSchema(args: JsonObject, definition: ToolDefinition): string | null {
  const { schema } = prepareDefinition(definition)
  if ('fault' in schema) return schema.fault
  const plain = plainValue(args)
  return plain === undefined ? 'a number in the arguments cannot be held exactly' : schema(plain)
}

/** The value with doubles for numbers that kept their text; undefined where one would be rounded. */
function plainValue(value: JsonValue): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof PreciseNumber) return value.isExact ? value.value : undefined
  if (Array.isArray(value)) {
    const items = value.map(plainValue)
    if (items.includes(undefined)) return undefined
    return items.every((item, index) => item === value[index]) ? value : (items as JsonValue[])
  }
  const entries = Object.entries(value).map(([key, item]) => [key, plainValue(item)] as const)
  if (entries.some(([, item]) => item === undefined)) return undefined
  const source = value as JsonObject
  return entries.every(([key, item]) => item === source[key]) ? value : (Object.fromEntries(entries) as JsonObject)
}
