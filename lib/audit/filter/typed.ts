import { isArgumentPath } from './argument-path'
import { FILTER_FIELDS } from './model'

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
