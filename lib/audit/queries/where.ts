import { argumentPatterns } from '../filter/argument-path'
import type { FilterCondition, FilterField, RecordFilter, SearchField, ShownEffect } from '../filter/model'
import type { TimeWindow } from '../filter/range'

/** A place in the record: newest first, ties by id. */
export interface Cursor {
  /** Unix milliseconds */
  timeMs: number
  id: string
}

/** A cursor as an address carries it. */
export function writeCursor(row: { time: Date; id: string }): string {
  return `${row.time.getTime()}.${row.id}`
}

/** An unreadable cursor is the first page: a link cut short still shows something true. */
export function parseCursor(text: string | undefined): Cursor | undefined {
  const match = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text ?? '')
  return match?.[1] && match[2] ? { timeMs: Number(match[1]), id: match[2] } : undefined
}

/** Which side of a cursor; `not_newer` takes the cursor's own record too. */
export type Side = 'older' | 'newer' | 'not_newer'
const comparisons: Record<Side, string> = { older: '<', newer: '>', not_newer: '<=' }

/** SQL with positional parameters; every value from outside is a parameter. */
export interface Where {
  text: string
  parameters: unknown[]
}

const columns: Record<Exclude<FilterField, 'effect'>, string> = {
  server: 'd.server',
  tool: 'd.tool',
  category: 'd.category',
  risk: 'd.risk',
  identity: 'd.identity',
  key: 'd.key_prefix',
  client: 'd.client_name',
  session: 'd.session',
  rule: 'd.rule',
  policy: 'd.policy',
  revision: 'd.revision',
  code: 'd.code',
  method: 'd.method',
  proxy: 'd.proxy',
}

const effects: Record<ShownEffect, string> = {
  allow: "d.effect = 'allow'",
  deny: "d.effect = 'deny' AND d.code IS DISTINCT FROM 'rate_limited'",
  limited: "d.effect = 'deny' AND d.code = 'rate_limited'",
  require_approval: "d.effect = 'require_approval'",
}

export interface WhereOptions {
  /** Only records on one side of this place. */
  cursor?: Cursor | undefined
  side?: Side
  /** Much of the record is asked for and little of it is expected: the index of all facets is offered to the planner. */
  isWide?: boolean
  /** Parameters of what stands before it in the same statement; this one's are added. */
  parameters?: unknown[]
}

/** The condition of `decisions d` for a filter within a window, and on one side of a cursor if there is one. */
export function whereOf(
  filter: RecordFilter,
  window: Pick<TimeWindow, 'from' | 'to'>,
  { cursor, side = 'older', isWide = false, parameters = [] }: WhereOptions = {},
): Where {
  const parameter = (value: unknown, type: string) => `$${parameters.push(value)}::${type}`
  const clauses = [
    `d.time >= ${parameter(window.from, 'timestamptz')}`,
    `d.time < ${parameter(window.to, 'timestamptz')}`,
    ...filter.conditions.map(condition => clauseOf(condition, parameter)),
    ...(isWide ? filter.conditions.flatMap(condition => facetClause(condition, parameter)) : []),
  ]
  if (cursor) {
    const time = parameter(new Date(cursor.timeMs), 'timestamptz')
    clauses.push(`(d.time, d.id) ${comparisons[side]} (${time}, ${parameter(cursor.id, 'uuid')})`)
  }
  return { text: clauses.join(' AND '), parameters }
}

/** Facets by the letter that the index `decisions_facets_idx` gives them. */
const facets: Partial<Record<string, string>> = {
  server: 's',
  category: 'g',
  risk: 'r',
  rule: 'u',
  policy: 'p',
  code: 'o',
  method: 'm',
  proxy: 'x',
  client: 'c',
  key: 'k',
  revision: 'v',
  tool: 't',
  identity: 'i',
}
/** Effects that are indexed; what is allowed is nearly everything. */
const effectFacets: Partial<Record<string, string>> = {
  deny: 'edeny',
  limited: 'orate_limited',
  require_approval: 'erequire_approval',
}
/** The indexed expression, as the migration says it. */
const facetsOf = `ARRAY['s' || d.server, 'g' || d.category, 'r' || d.risk, 'u' || d.rule, 'p' || d.policy, 'o' || d.code, 'm' || d.method,
  'x' || d.proxy, 'c' || d.client_name, 'k' || d.key_prefix, 'v' || d.revision::text, 't' || d.tool, 'i' || d.identity,
  CASE WHEN d.effect <> 'allow' THEN 'e' || d.effect END]`

function facetClause({ field, operator, values }: FilterCondition, parameter: Parameter): string[] {
  if (operator === 'not' || values.includes('')) return []
  const letter = facets[field]
  const named = values.map(value => (field === 'effect' ? effectFacets[value] : letter && letter + value))
  return named.every(each => each !== undefined) ? [`${facetsOf} && ${parameter(named, 'text[]')}`] : []
}

type Parameter = (value: unknown, type: string) => string

function clauseOf(condition: FilterCondition, parameter: Parameter): string {
  const { field } = condition
  if (field === 'effect') return effectClause(condition)
  return field in columns
    ? valueClause(condition, field as keyof typeof columns, parameter)
    : searchClause(condition, field as SearchField, parameter)
}

/** What a call carried. Containment is what the index of arguments answers. */
function searchClause({ values }: FilterCondition, field: SearchField, parameter: Parameter): string {
  const any = values.flatMap(value =>
    field === 'text'
      ? [`d.arguments::text ILIKE ${parameter(`%${escapeLike(value)}%`, 'text')}`]
      : argumentPatterns(field, value).map(pattern => `d.arguments @> ${parameter(pattern, 'jsonb')}`),
  )
  return `(${any.join(' OR ')})`
}

/** The words as they stand in JSON text, with nothing in them that LIKE would read. */
function escapeLike(words: string): string {
  return JSON.stringify(words)
    .slice(1, -1)
    .replace(/[\\%_]/g, '\\$&')
}

function effectClause({ operator, values }: FilterCondition): string {
  const any = values.map(value => `(${effects[value as ShownEffect]})`).join(' OR ')
  const refused = values.includes('allow') === (operator === 'not')
  // Said in the words of the partial index, so that the planner takes it.
  return `${refused ? "d.effect <> 'allow' AND " : ''}${operator === 'not' ? 'NOT ' : ''}(${any})`
}

function valueClause(
  { operator, values }: FilterCondition,
  field: Exclude<FilterField, 'effect'>,
  parameter: Parameter,
): string {
  const column = columns[field]
  const type = field === 'revision' ? 'bigint' : 'text'
  const named = values.filter(value => value !== '')
  const asksNone = named.length < values.length
  // One value compares with =, since an index keeps its order under = and not under ANY.
  const [first, ...others] = named
  const matches = () =>
    others.length === 0 ? `${column} = ${parameter(first, type)}` : `${column} = ANY(${parameter(named, `${type}[]`)})`
  const parts = [...(first === undefined ? [] : [matches()]), ...(asksNone ? [`${column} IS NULL`] : [])]
  const any = `(${parts.join(' OR ')})`
  return operator === 'is' ? any : `${any} IS NOT TRUE`
}
