import { type FilterCondition, type FilterField, isSearchField, type RecordFilter } from '../filter/model'
import { windowOf } from '../filter/range'
import type { DecisionRow } from '../queries/decisions'

/** A record as it comes from Postgres, with all that a filter may ask. */
export interface TailedRecord {
  readonly row: DecisionRow
  readonly session: string | null
  readonly proxy: string
  readonly keyPrefix: string | null
  readonly client: string | null
  /** jsonb as text; null unless somebody searches. */
  readonly arguments: string | null
}

const read: Record<FilterField, (record: TailedRecord) => string | null> = {
  effect: ({ row }) => row.effect,
  server: ({ row }) => row.server,
  tool: ({ row }) => row.tool,
  category: ({ row }) => row.category,
  risk: ({ row }) => row.risk,
  identity: ({ row }) => row.identity,
  key: ({ keyPrefix }) => keyPrefix,
  client: ({ client }) => client,
  session: ({ session }) => session,
  rule: ({ row }) => row.rule,
  policy: ({ row }) => row.policy,
  revision: ({ row }) => (row.revision === null ? null : String(row.revision)),
  code: ({ row }) => row.code,
  method: ({ row }) => row.method,
  proxy: ({ proxy }) => proxy,
}

/** Whether a list with this filter would hold the record: what `whereOf` asks of Postgres, asked of one row. */
export function matches(filter: RecordFilter, record: TailedRecord, nowMs: number): boolean {
  const { from, to } = windowOf(filter.range, nowMs)
  const { time } = record.row
  return time >= from && time < to && filter.conditions.every(condition => holds(condition, record))
}

function holds({ field, operator, values }: FilterCondition, record: TailedRecord): boolean {
  if (isSearchField(field)) return values.some(value => finds(field, value, record.arguments))
  const isAmong = values.includes(read[field](record) ?? '')
  return operator === 'is' ? isAmong : !isAmong
}

function finds(field: string, value: string, text: string | null): boolean {
  if (text === null) return false
  if (field === 'text') return text.toLowerCase().includes(JSON.stringify(value).slice(1, -1).toLowerCase())
  const steps = field.split('.').slice(1)
  return reaches(JSON.parse(text), steps, value)
}

/** Whether a value stands at the path, as text or as JSON prints it, alone or in a list. */
function reaches(at: unknown, steps: readonly string[], value: string): boolean {
  const [step, ...rest] = steps
  if (step === '*') return Array.isArray(at) && at.some(item => reaches(item, rest, value))
  if (step !== undefined) {
    return typeof at === 'object' && at !== null && !Array.isArray(at) && Object.hasOwn(at, step)
      ? reaches((at as Record<string, unknown>)[step], rest, value)
      : false
  }
  return isAlike(at, value) || (Array.isArray(at) && at.some(item => isAlike(item, value)))
}

function isAlike(at: unknown, value: string): boolean {
  if (typeof at === 'string') return at === value
  return (typeof at === 'object' && at !== null) || at === undefined ? false : String(at) === value
}
