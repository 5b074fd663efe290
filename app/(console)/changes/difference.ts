import { prettyJson } from '@/components/data-table/pretty-json'

/** One field of what was changed, as text; null where it was not there. */
export interface FieldChange {
  field: string
  before: string | null
  after: string | null
}

/** What differs between two states of a thing, field by field, in the order of their names; equal fields are left out. */
export function differenceOf(before: unknown, after: unknown): FieldChange[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
  return names
    .map(field => ({ field, before: textOf(was, field), after: textOf(is, field) }))
    .filter(change => change.before !== change.after)
}

/** How many fields both states share unchanged. */
export function unchangedCount(before: unknown, after: unknown): number {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  return Object.keys(was).filter(field => Object.hasOwn(is, field) && textOf(was, field) === textOf(is, field)).length
}

function fieldsOf(state: unknown): Record<string, unknown> {
  if (state === null || state === undefined) return {}
  if (typeof state !== 'object' || Array.isArray(state)) return { value: state }
  return state as Record<string, unknown>
}

function textOf(fields: Record<string, unknown>, field: string): string | null {
  if (!Object.hasOwn(fields, field)) return null
  const value = fields[field]
  return typeof value === 'string' ? value : prettyJson(JSON.stringify(value ?? null)).join('\n')
}
