import { isArgumentPath } from './argument-path'
import type { TimeRange } from './range'

export { RANGE_PRESETS, type RangePreset, rangeWords, type TimeRange } from './range'

/** What a view of the record is narrowed by. Pure, so that client components may import it. */

/** Effects as charts and badges tell them apart; `limited` is a refusal by a limit. */
export const shownEffects = ['allow', 'deny', 'limited', 'require_approval'] as const
export type ShownEffect = (typeof shownEffects)[number]

/** In the order of the filter menu; `policy` is a server slug, or `*` for the every-server document. */
export const FILTER_FIELDS = [
  'effect',
  'server',
  'tool',
  'category',
  'risk',
  'identity',
  'key',
  'client',
  'session',
  'rule',
  'policy',
  'revision',
  'code',
  'method',
  'proxy',
] as const
export type FilterField = (typeof FILTER_FIELDS)[number]
/**
 * What a call carried: `args.<path>` as policies write paths (each dot descends, `*` goes over a list), and words anywhere in
 * it. Only who may read arguments may look for them, since a match says what they are.
 */
export type SearchField = `args.${string}` | 'text'
export type FilterOperator = 'is' | 'not'

/** The empty value stands for none: `identity` is none means that no identity was known. */
export interface FilterCondition {
  readonly field: FilterField | SearchField
  readonly operator: FilterOperator
  /** At least one; several are any of (`is`) or none of (`not`). */
  readonly values: readonly string[]
}

export interface RecordFilter {
  readonly conditions: readonly FilterCondition[]
  readonly range: TimeRange
}

export function isSearchField(field: string): field is SearchField {
  return field === 'text' || field.startsWith('args.')
}

/** Whether a view looks into arguments. */
export function isSearch(filter: RecordFilter): boolean {
  return filter.conditions.some(({ field }) => isSearchField(field))
}

/** The effect as it is shown, of a record's effect and code. */
export function shownEffect(effect: string, code: string | null): ShownEffect {
  if (effect === 'allow' || effect === 'require_approval') return effect
  return code === 'rate_limited' ? 'limited' : 'deny'
}

/** The filter as an address carries it; `parseFilter` reads it back. */
export function writeFilter(filter: RecordFilter): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const { field, operator, values } of filter.conditions) {
    for (const value of values) parameters.append(operator === 'is' ? field : `${field}.not`, value)
  }
  if ('preset' in filter.range) parameters.set('range', filter.range.preset)
  else {
    parameters.set('from', filter.range.from.toISOString())
    parameters.set('to', filter.range.to.toISOString())
  }
  return parameters
}

/** The same view without one of its conditions. */
export function withoutCondition(filter: RecordFilter, gone: FilterCondition): RecordFilter {
  return { ...filter, conditions: filter.conditions.filter(condition => condition !== gone) }
}

/** The same view narrowed to these values of a field, whatever it was narrowed to before. */
export function withValues(filter: RecordFilter, field: FilterField, values: readonly string[]): RecordFilter {
  const others = filter.conditions.filter(condition => condition.field !== field)
  return { ...filter, conditions: [...others, { field, operator: 'is', values }] }
}

/** One condition out of what is typed into a search field. */
export interface TypedCondition {
  /** As an address carries it. */
  readonly name: string
  readonly value: string
}

/**
 * Reads `args.executionId:abc`, `tool:kubectl_delete` or `-tool:kubectl_delete` (is not); all else is words to look for in
 * arguments. Null when nothing was typed.
 */
export function readTyped(text: string): TypedCondition | null {
  const typed = text.trim()
  if (typed === '') return null
  const match = /^(-?)([A-Za-z][^\s:]*):(.*)$/.exec(typed)
  const [, minus, field = '', rest = ''] = match ?? []
  const value = rest.trim().replace(/^"(.*)"$/, '$1')
  if (match && isArgumentPath(field) && !minus) return { name: field, value }
  if (match && (FILTER_FIELDS as readonly string[]).includes(field))
    return { name: minus ? `${field}.not` : field, value }
  return { name: 'text', value: typed }
}
