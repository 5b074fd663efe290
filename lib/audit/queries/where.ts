import type { FilterCondition, FilterField, RecordFilter, ShownEffect } from '../filter/model'
import type { TimeWindow } from '../filter/range'

/** A place in the record: newest first, ties by id. */
export interface Cursor {
  /** Unix milliseconds */
  timeMs: number
  id: string
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
  identity: 'd.identity',
  rule: 'd.rule',
  policy: 'd.policy',
  code: 'd.code',
  risk: 'd.risk',
  session: 'd.session',
  proxy: 'd.proxy',
}

const effects: Record<ShownEffect, string> = {
  allow: "d.effect = 'allow'",
  deny: "d.effect = 'deny' AND d.code IS DISTINCT FROM 'rate_limited'",
  limited: "d.effect = 'deny' AND d.code = 'rate_limited'",
  require_approval: "d.effect = 'require_approval'",
}

/** The condition of `decisions d` for a filter within a window, and on one side of a cursor if there is one. */
export function whereOf(filter: RecordFilter, window: TimeWindow, cursor?: Cursor, side: Side = 'older'): Where {
  const parameters: unknown[] = []
  const parameter = (value: unknown, type: string) => `$${parameters.push(value)}::${type}`
  const clauses = [
    `d.time >= ${parameter(window.from, 'timestamptz')}`,
    `d.time < ${parameter(window.to, 'timestamptz')}`,
    ...filter.conditions.map(condition =>
      condition.field === 'effect' ? effectClause(condition) : valueClause(condition, condition.field, parameter),
    ),
  ]
  if (cursor) {
    const time = parameter(new Date(cursor.timeMs), 'timestamptz')
    clauses.push(`(d.time, d.id) ${comparisons[side]} (${time}, ${parameter(cursor.id, 'uuid')})`)
  }
  return { text: clauses.join(' AND '), parameters }
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
  parameter: (value: unknown, type: string) => string,
): string {
  const column = columns[field]
  const named = values.filter(value => value !== '')
  const asksNone = named.length < values.length
  // One value compares with =, since an index keeps its order under = and not under ANY.
  const matches =
    named.length === 1 ? `${column} = ${parameter(named[0], 'text')}` : manyClause(column, named, parameter)
  const parts = [...(named.length > 0 ? [matches] : []), ...(asksNone ? [`${column} IS NULL`] : [])]
  const any = `(${parts.join(' OR ')})`
  return operator === 'is' ? any : `${any} IS NOT TRUE`
}

function manyClause(column: string, values: string[], parameter: (value: unknown, type: string) => string): string {
  return values.length === 0 ? 'false' : `${column} = ANY(${parameter(values, 'text[]')})`
}
