import type { ToolDefinition } from '../definition'
import type { Condition } from '../document'
import { isJsonObject } from '../json/value'
import { parsePath } from '../paths'
import { didYouMean, nearest } from './nearest'
import type { Path } from './source'

interface ArgumentFinding {
  readonly code: string
  readonly message: string
  /** Within the condition. */
  readonly path: Path
  /** What to write there instead. */
  readonly instead?: string
}

type WarnOfArgument = (finding: ArgumentFinding) => void
type Schema = Record<string, unknown>

/** Warns of a condition on an argument that no matching tool's schema has, or that can never be what it is compared with. */
export function checkArgument(condition: Condition, tools: readonly ToolDefinition[], warn: WarnOfArgument): void {
  const found = findAll(condition.path, tools)
  if (!found) return
  const [first] = found
  if (first && found.every(place => place.missing !== null)) {
    const suggestion = nearest(first.missing ?? '', first.known)
    const message = `No schema here has ${condition.path}.${didYouMean(suggestion)}`
    const instead = suggestion === null ? {} : { instead: replaceStep(condition.path, first.missing ?? '', suggestion) }
    warn({ code: 'unknown_argument', message, path: ['path'], ...instead })
    return
  }
  const schemas: readonly Schema[] = found.map(({ schema }) => schema).filter(schema => schema !== null)
  if (schemas.length !== found.length || schemas.length === 0) return
  const compared = condition.op === 'in' || condition.op === 'not_in' ? condition.value : [condition.value]
  if (!['eq', 'neq', 'in', 'not_in'].includes(condition.op) || !Array.isArray(compared)) return
  for (const [index, value] of compared.entries()) {
    if (
      typeof value !== 'string' ||
      !schemas.every(schema => Array.isArray(schema.enum) && !schema.enum.map(String).includes(value))
    )
      continue
    const known = schemas.flatMap(schema => schema.enum as unknown[]).filter(item => typeof item === 'string')
    const suggestion = nearest(value, known)
    const message = `${condition.path} is one of ${[...new Set(known)].join(', ')}; "${value}" never is.${didYouMean(suggestion)}`
    const place = Array.isArray(condition.value) ? ['value', index] : ['value']
    warn({ code: 'never_equal', message, path: place, ...(suggestion === null ? {} : { instead: suggestion }) })
  }
}

/** Warns of a budget over an argument that a schema lets be negative, or something else than a number. */
export function checkBudget(path: string, tools: readonly ToolDefinition[], warn: WarnOfArgument): void {
  const found = findAll(path, tools)
  if (!found) return
  for (const [index, { schema, missing }] of found.entries()) {
    const tool = tools[index]?.name ?? ''
    if (missing !== null) {
      warn({
        code: 'unknown_argument',
        message: `The schema of ${tool} has no ${path}: each call without it is refused.`,
        path: [],
      })
    } else if (schema?.type !== undefined && schema.type !== 'number' && schema.type !== 'integer') {
      warn({
        code: 'budget_not_number',
        message: `In the schema of ${tool}, ${path} need not be a number: such calls are refused.`,
        path: [],
      })
    } else if (schema && !isNotNegative(schema)) {
      warn({
        code: 'negative_budget',
        message: `The schema of ${tool} lets ${path} be negative: such calls are refused.`,
        path: [],
      })
    }
  }
}

function replaceStep(path: string, step: string, suggestion: string): string {
  return path
    .split('.')
    .map(part => (part === step ? suggestion : part))
    .join('.')
}

function isNotNegative({ minimum, exclusiveMinimum, enum: values }: Schema): boolean {
  if (Array.isArray(values)) return values.every(value => typeof value === 'number' && value >= 0)
  return (
    (typeof minimum === 'number' && minimum >= 0) || (typeof exclusiveMinimum === 'number' && exclusiveMinimum >= 0)
  )
}

interface Found {
  /** The property's own schema; null when it cannot be told. */
  readonly schema: Schema | null
  /** The first name on the way that the schema does not have. */
  readonly missing: string | null
  readonly known: readonly string[]
}

function findAll(path: string, tools: readonly ToolDefinition[]): readonly Found[] | null {
  const parsed = parsePath(path)
  if ('fault' in parsed || parsed.root !== 'args') return null
  return tools.map(({ inputSchema }) => findIn(inputSchema, parsed.steps))
}

/** Follows plain `properties` and `items`; where a schema composes or refers, nothing is claimed. */
function findIn(root: unknown, steps: readonly string[]): Found {
  const unknown: Found = { schema: null, missing: null, known: [] }
  let schema: unknown = root
  for (const step of steps) {
    if (!isJsonObject(schema)) return unknown
    const { properties, items, additionalProperties, patternProperties } = schema as Schema
    if (step === '*') {
      schema = items
      continue
    }
    if (!isJsonObject(properties) || patternProperties !== undefined || isOpen(schema as Schema)) return unknown
    if (!Object.hasOwn(properties, step)) {
      if (additionalProperties !== undefined && additionalProperties !== false) return unknown
      return { schema: null, missing: step, known: Object.keys(properties) }
    }
    schema = properties[step]
  }
  return isJsonObject(schema) && !isOpen(schema as Schema)
    ? { schema: schema as Schema, missing: null, known: [] }
    : unknown
}

function isOpen(schema: Schema): boolean {
  return ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if'].some(keyword => keyword in schema)
}
