import { PreciseNumber, writeJson } from '@/lib/policy'

// A private-use character that introduces an escape: U+E000 and four hex digits for a UTF-16 unit, U+E000 n and the source
// text for a number. It escapes itself, so that `restore` gives back exactly what was sent.
const MARK = '\uE000'
const UNSTORABLE = /\\u0000|\\u[dD][89a-fA-F]|\uE000/
const UNIT = /[\0\uE000]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g
// Postgres keeps numbers exactly, up to 131,072 digits before the point; far inside that nobody sends one by accident.
const MAX_DIGITS = 400

/**
 * JSON text that Postgres takes as jsonb: NUL, lone surrogates and numbers out of its range are written as escapes.
 * The usual record has none, and costs one look at the text.
 */
export function writeStorable(value: unknown): string {
  return storable(value).text
}

/** The same, and whether the value stands in it as it was. */
export function storable(value: unknown): { text: string; isAsItWas: boolean } {
  const text = writeJson(value)
  const isAsItWas = !UNSTORABLE.test(text) && !hasWideNumber(text)
  return { text: isAsItWas ? text : writeJson(escapeValue(value)), isAsItWas }
}

/** The string as it was before `writeStorable`. */
export function restore(stored: string): string {
  return stored.replace(/\uE000([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
}

// Where a number can begin, so that hexadecimal text (`…4e123…` in a digest) does not look like one.
const WIDE_NUMBER = /[:,[]-?(?:[0-9.]{400}|[0-9.]+[eE][+-]?[0-9]{3})/

function hasWideNumber(text: string): boolean {
  return WIDE_NUMBER.test(text)
}

function escapeText(text: string): string {
  return text.replace(UNIT, unit => MARK + unit.charCodeAt(0).toString(16).padStart(4, '0'))
}

function escapeValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value)
  if (value instanceof PreciseNumber) return isWide(value.source) ? `${MARK}n${value.source}` : value
  if (Array.isArray(value)) return value.map(escapeValue)
  if (typeof value !== 'object' || value === null) return value
  const escaped: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) escaped[escapeText(key)] = escapeValue(item)
  return escaped
}

function isWide(source: string): boolean {
  const exponent = Number(/[eE]([+-]?[0-9]+)$/.exec(source)?.[1] ?? 0)
  return source.length > MAX_DIGITS || Math.abs(exponent) > MAX_DIGITS
}
