import { z } from 'zod'
import { isArgumentPath } from './argument-path'
import {
  FILTER_FIELDS,
  type FilterCondition,
  type FilterField,
  isSearchField,
  type RecordFilter,
  type SearchField,
  shownEffects,
} from './model'
import { isRangePreset, LONGEST_RANGE_DAYS, type TimeRange } from './range'

/** A page's search parameters as Next hands them over. */
export type SearchParameters = Readonly<Record<string, string | string[] | undefined>>

/** What the address asked for, and what of it could not be read, in sentences for the page. */
export interface ParsedFilter {
  filter: RecordFilter
  problems: string[]
}

const LONGEST_VALUE = 200
const MOST_VALUES = 20

const Instant = z.iso.datetime({ offset: true }).transform(text => new Date(text))
const Value = z
  .string()
  .max(LONGEST_VALUE)
  .refine(text => !text.includes('\u0000'))
const ValueOf: Partial<Record<FilterField, z.ZodType<string>>> = {
  effect: z.enum(shownEffects),
  risk: z.enum(['low', 'medium', 'high', 'critical']),
  category: z.enum(['Read', 'Write', 'Execute', 'Destructive', 'Financial']),
  revision: z.string().regex(/^\d{0,15}$/),
}
/** Shorter words are in nearly every call. */
const Words = Value.refine(text => text.trim().length >= 3)
const MOST_SEARCHES = 5

/**
 * Reads the filter of a list out of an address: `tool=a&tool=b` is any of, `tool.not=a` is not, `identity=` is none;
 * `range=24h`, or `from` and `to` as ISO 8601. What cannot be read is left out and named.
 */
export function parseFilter(parameters: SearchParameters, fallback: TimeRange): ParsedFilter {
  const problems: string[] = []
  const conditions: FilterCondition[] = []
  for (const field of FILTER_FIELDS) {
    for (const operator of ['is', 'not'] as const) {
      const name = operator === 'is' ? field : `${field}.not`
      const values = readValues(field, name, listOf(parameters[name]), problems)
      if (values.length > 0) conditions.push({ field, operator, values })
    }
  }
  conditions.push(...readSearches(parameters, problems))
  return { filter: { conditions, range: readRange(parameters, fallback, problems) }, problems }
}

/** `args.executionId=abc` and `text=words`. */
function readSearches(parameters: SearchParameters, problems: string[]): FilterCondition[] {
  const names = Object.keys(parameters).filter(
    (name): name is SearchField => isSearchField(name) && parameters[name] !== undefined,
  )
  const readable = names.filter(name => name === 'text' || isArgumentPath(name))
  for (const name of names)
    if (!readable.includes(name))
      problems.push(`"${name.slice(0, 40)}" is no path into arguments, so it does not filter.`)
  if (readable.length > MOST_SEARCHES) problems.push(`Only the first ${MOST_SEARCHES} searches filter.`)
  return readable.slice(0, MOST_SEARCHES).flatMap(field => {
    const values = readValues(field, field, listOf(parameters[field]), problems)
    return values.length > 0 ? [{ field, operator: 'is' as const, values }] : []
  })
}

function readValues(field: FilterField | SearchField, name: string, given: string[], problems: string[]): string[] {
  const schema = isSearchField(field) ? (field === 'text' ? Words : Value) : (ValueOf[field] ?? Value)
  const values = new Set<string>()
  for (const text of given.slice(0, MOST_VALUES)) {
    const parsed = schema.safeParse(text)
    if (parsed.success) values.add(parsed.data)
    else problems.push(`"${text.slice(0, 40)}" is no value of ${name}, so it does not filter.`)
  }
  if (given.length > MOST_VALUES) problems.push(`Only the first ${MOST_VALUES} values of ${name} filter.`)
  return [...values]
}

function readRange(parameters: SearchParameters, fallback: TimeRange, problems: string[]): TimeRange {
  const [preset] = listOf(parameters.range)
  const [fromText] = listOf(parameters.from)
  const [toText] = listOf(parameters.to)
  if (fromText !== undefined && toText !== undefined) {
    const from = Instant.safeParse(fromText)
    const to = Instant.safeParse(toText)
    if (from.success && to.success && from.data < to.data) return boundedRange(from.data, to.data, problems)
    problems.push('The time in the address cannot be read: from and to are ISO 8601 instants, from before to.')
    return fallback
  }
  if (preset === undefined) return fallback
  if (isRangePreset(preset)) return { preset }
  problems.push(`"${preset.slice(0, 20)}" is no range: use 1h, 24h, 7d or 30d.`)
  return fallback
}

function boundedRange(from: Date, to: Date, problems: string[]): TimeRange {
  const longest = LONGEST_RANGE_DAYS * 86_400_000
  if (to.getTime() - from.getTime() <= longest) return { from, to }
  problems.push(`A view covers at most ${LONGEST_RANGE_DAYS} days; these are the last ${LONGEST_RANGE_DAYS} of them.`)
  return { from: new Date(to.getTime() - longest), to }
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
