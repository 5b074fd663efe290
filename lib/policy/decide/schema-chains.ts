import { isJsonObject } from '../json/value'

type Schema = Readonly<Record<string, unknown>>

/** Schemas in a row that look at one and the same value. A validator calls itself that deep for each level of data. */
const MAX_CHAIN = 32

const IN_PLACE = ['not', 'if', 'then', 'else'] as const
const IN_PLACE_LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const IN_PLACE_NAMED = ['dependentSchemas', 'dependencies'] as const
const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const

/**
 * Refuses, by throwing a sentence, a schema whose references leave it or lead back to where they came from without going
 * deeper into the data: its validator would call itself without end, and V8 dies when a pattern is compiled at the end of
 * the stack.
 */
export function refuseEndlessReferences(root: unknown): void {
  const targets = new Map<string, unknown>([['#', root]])
  const schemas = collect(root, true, targets)
  const lengths = new Map<unknown, number>()
  for (const schema of schemas) measure(schema, root, targets, lengths, 0)
}

/** All objects of the schema. Data in it is among them, and does no harm: it has no references that anything follows. */
function collect(node: unknown, isRoot: boolean, anchors: Map<string, unknown>): Schema[] {
  if (Array.isArray(node)) return node.flatMap(item => collect(item, false, anchors))
  if (!isJsonObject(node)) return []
  const schema = node as Schema
  if (!isRoot && typeof schema.$id === 'string')
    throw new Error('the schema holds another schema with an $id of its own')
  for (const key of ['$anchor', '$dynamicAnchor']) {
    if (typeof schema[key] === 'string') anchors.set(`#${schema[key]}`, schema)
  }
  return [schema, ...Object.values(schema).flatMap(value => collect(value, false, anchors))]
}

function measure(
  schema: unknown,
  root: unknown,
  anchors: Map<string, unknown>,
  lengths: Map<unknown, number>,
  depth: number,
): number {
  if (!isJsonObject(schema)) return 0
  const known = lengths.get(schema)
  if (known !== undefined) return known
  if (depth > MAX_CHAIN)
    throw new Error(`the schema refers to itself, or through more than ${MAX_CHAIN} schemas in a row`)
  let longest = 0
  for (const next of nextSchemas(schema as Schema, root, anchors)) {
    longest = Math.max(longest, 1 + measure(next, root, anchors, lengths, depth + 1))
  }
  if (longest > MAX_CHAIN) throw new Error(`the schema refers through more than ${MAX_CHAIN} schemas in a row`)
  lengths.set(schema, longest)
  return longest
}

function nextSchemas(schema: Schema, root: unknown, anchors: Map<string, unknown>): readonly unknown[] {
  return [
    ...IN_PLACE.map(key => schema[key]),
    ...IN_PLACE_LISTS.flatMap(key => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [])),
    ...IN_PLACE_NAMED.flatMap(key => (isJsonObject(schema[key]) ? Object.values(schema[key] as object) : [])),
    ...REFERENCES.filter(key => typeof schema[key] === 'string').map(key =>
      target(schema[key] as string, root, anchors),
    ),
  ]
}

/** Only what is in the schema itself is followed; nothing is fetched. */
function target(reference: string, root: unknown, anchors: Map<string, unknown>): unknown {
  if (anchors.has(reference)) return anchors.get(reference)
  if (!reference.startsWith('#/')) throw new Error(`the schema refers to ${reference.slice(0, 80)}, which is not in it`)
  let node: unknown = root
  for (const step of reference.slice(2).split('/')) {
    const key = decodeStep(step)
    const isIndexed = Array.isArray(node) && /^\d+$/.test(key)
    if (!isIndexed && !(isJsonObject(node) && Object.hasOwn(node, key)))
      throw new Error(`the schema refers to ${reference.slice(0, 80)}, which is not in it`)
    node = (node as Record<string, unknown>)[key]
  }
  return node
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}
