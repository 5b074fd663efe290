import type { FilterCondition, FilterField, RecordFilter } from '@/lib/audit/filter/model'
import type { BlockedPattern } from '@/lib/audit/queries'

type Keys = Pick<BlockedPattern, 'identity' | 'server' | 'tool' | 'method' | 'policy' | 'rule' | 'code'>

/** Whether a record belongs to a pattern. */
export function isAlike(pattern: Keys, record: Keys): boolean {
  const keys = ['identity', 'server', 'tool', 'method', 'policy', 'rule', 'code'] as const
  return keys.every(key => pattern[key] === record[key])
}

/** The calls of a pattern, as a filter of the audit. */
export function callsOf(pattern: BlockedPattern, filter: RecordFilter): RecordFilter {
  const keys: readonly (FilterField & keyof Keys)[] = ['identity', 'server', 'tool', 'policy', 'rule', 'code']
  const conditions: FilterCondition[] = [
    { field: 'effect', operator: 'is', values: [pattern.effect] },
    ...keys.map((field): FilterCondition => ({ field, operator: 'is', values: [pattern[field] ?? ''] })),
  ]
  return { range: filter.range, conditions }
}
