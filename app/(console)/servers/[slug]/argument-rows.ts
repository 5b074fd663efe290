/** One argument of a tool as its input schema describes it. */
export interface ArgumentRow {
  readonly name: string
  /** In the words of the schema: `string`, `"a" | "b"`, `string[]`. */
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

interface Schema {
  type?: unknown
  enum?: unknown
  const?: unknown
  items?: unknown
  anyOf?: unknown
  oneOf?: unknown
  description?: unknown
  properties?: unknown
  required?: unknown
}

/** Properties shown of one schema, and words of one type. */
const MOST_ROWS = 200
const MOST_CHARACTERS = 120

/** The arguments of the top level. A schema comes from an upstream, so nothing about its shape is taken for granted. */
export function argumentRows(inputSchema: unknown): ArgumentRow[] {
  const { properties, required } = schemaOf(inputSchema)
  const needed = Array.isArray(required) ? required : []
  return Object.entries(schemaOf(properties))
    .slice(0, MOST_ROWS)
    .map(([name, value]) => {
      const { description } = schemaOf(value)
      return {
        name,
        type: typeInWords(value, 0).slice(0, MOST_CHARACTERS),
        isRequired: needed.includes(name),
        description: typeof description === 'string' ? description : '',
      }
    })
}

function schemaOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function typeInWords(value: unknown, depth: number): string {
  const schema = schemaOf(value)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map(one => JSON.stringify(one)).join(' | ')
  const choices = Array.isArray(schema.anyOf) ? schema.anyOf : Array.isArray(schema.oneOf) ? schema.oneOf : null
  if (choices && depth < 3) return [...new Set(choices.map(choice => typeInWords(choice, depth + 1)))].join(' | ')
  if (schema.type === 'array' && depth < 3) return `${typeInWords(schema.items, depth + 1)}[]`
  if (Array.isArray(schema.type)) return schema.type.join(' | ')
  return typeof schema.type === 'string' ? schema.type : 'any'
}
