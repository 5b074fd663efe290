import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase, Prisma } from './client'
import { type TestDatabase, testDatabase } from './testing'

// The migrations are written by hand beside the schema, so the two are held against each other: every model, column,
// nullability, type and enum of schema.prisma against a database that the migrations made.

const schema = readFileSync(path.resolve(import.meta.dirname, '../../prisma/schema.prisma'), 'utf8')
const blocks = [...schema.matchAll(/^(model|enum) (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, kind, name, body]) => ({
  kind,
  name: name ?? '',
  lines: (body ?? '')
    .split('\n')
    .map(each => each.replace(/\/\/.*$/, '').trim())
    .filter(Boolean),
}))
const models = blocks.filter(block => block.kind === 'model')
const enums = blocks.filter(block => block.kind === 'enum')

const types: Record<string, string> = {
  String: 'text',
  Int: 'int4',
  BigInt: 'int8',
  Float: 'float8',
  Boolean: 'bool',
  DateTime: 'timestamptz',
  Json: 'jsonb',
  Bytes: 'bytea',
  '@db.Uuid': 'uuid',
  '@db.SmallInt': 'int2',
}

/** The columns a model speaks of, as `name type null?`, in the order of names. */
function columnsOf(model: (typeof models)[number]): string[] {
  const fields = model.lines.filter(each => !each.startsWith('@@'))
  return fields
    .flatMap(field => {
      const [name = '', type = ''] = field.split(/\s+/)
      const base = type.replace(/[?[\]]/g, '')
      if (models.some(other => other.name === base)) return []
      const native = field.match(/@db\.(Uuid|SmallInt)/)?.[0]
      const column = field.match(/@map\("([^"]+)"\)/)?.[1] ?? name
      const array = type.endsWith('[]') ? '_' : ''
      return `${column} ${array}${types[native ?? base] ?? base}${type.endsWith('?') || array ? '?' : ''}`
    })
    .sort()
}

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.close())

test('the schema was read', () => {
  expect(models.map(model => model.name).sort()).toEqual(Object.keys(Prisma.ModelName).sort())
})

describe('schema and migrations agree', () => {
  test.each(models.map(model => [model.name, model] as const))('on %s', async (_, model) => {
    const table = model.lines.join('\n').match(/@@map\("([^"]+)"\)/)?.[1] ?? model.name
    const rows = await db.database.sql.query<{ line: string }>(
      `SELECT attname || ' ' || t.typname || CASE WHEN attnotnull AND t.typname NOT LIKE '\\_%' THEN '' ELSE '?' END AS line
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
      [`public."${table}"`],
    )
    expect(rows.map(row => row.line).sort()).toEqual(columnsOf(model))
  })

  test.each(enums.map(each => [each.name, each.lines] as const))('on enum %s', async (name, labels) => {
    const rows = await db.database.sql.query<{ label: string }>(
      'SELECT enumlabel AS label FROM pg_enum WHERE enumtypid = $1::regtype ORDER BY enumsortorder',
      [`public."${name}"`],
    )
    expect(rows.map(row => row.label)).toEqual(labels)
  })
})

test.each(Object.keys(Prisma.ModelName))('the generated client reads %s', async name => {
  const owner = openDatabase(db.ownerUrl, 1)
  try {
    const property = `${name.charAt(0).toLowerCase()}${name.slice(1)}` as 'member'
    expect(await owner.prisma[property].findMany({ take: 1 })).toBeInstanceOf(Array)
  } finally {
    await owner.close()
  }
})
