import { parseStrictly } from './parse-strictly'
import type { JsonValue } from './value'

export interface JsonLimits {
  /** Largest text, in UTF-16 units. */
  readonly maxLength: number
  /** Deepest nesting of lists and objects. */
  readonly maxDepth: number
  /** Most entries of lists and members of objects in all: what reading and recording take grows with them. */
  readonly maxEntries?: number
}

export type JsonProblem = 'syntax' | 'duplicate_key' | 'too_deep' | 'too_long'

export type JsonReading =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly reason: JsonProblem; readonly message: string; readonly offset: number }

export const DEFAULT_JSON_LIMITS: JsonLimits = { maxLength: 4_194_304, maxDepth: 64 }

/**
 * Reads JSON (RFC 8259) and refuses what two readers could understand differently: a key twice in one object, at any
 * depth. A number whose text is not what JavaScript prints for it becomes a `PreciseNumber`; `__proto__` is a key like
 * any other. Never throws.
 */
export function readJson(text: string, limits: JsonLimits = DEFAULT_JSON_LIMITS): JsonReading {
  if (text.length > limits.maxLength) {
    return { ok: false, reason: 'too_long', message: `JSON longer than ${limits.maxLength} characters`, offset: 0 }
  }
  // A text cannot hold more entries than characters, so that short ones cost nothing here.
  const { maxEntries } = limits
  if (maxEntries !== undefined && text.length > maxEntries && hasMoreEntries(text, maxEntries)) {
    return { ok: false, reason: 'too_long', message: `JSON with more than ${maxEntries} entries`, offset: 0 }
  }
  const keys = countKeys(text, limits.maxDepth)
  if (keys >= 0) {
    try {
      const value = JSON.parse(text) as JsonValue
      if (keys === countOwnKeys(value)) return { ok: true, value }
    } catch {
      // The strict reader below says where and why.
    }
  }
  return parseStrictly(text, limits)
}

/**
 * Keys in the text by counting colons outside strings; -1 when only the strict reader can tell (nesting too deep, or a
 * number that must keep its text). On text that is not JSON the count means nothing, and JSON.parse refuses it.
 */
function countKeys(text: string, maxDepth: number): number {
  let keys = 0
  let depth = 0
  const length = text.length
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 34) {
      i = endOfString(text, i)
      if (i < 0) return -1
    } else if (unit === 58) keys++
    else if (unit === 123 || unit === 91) {
      if (++depth > maxDepth) return -1
    } else if (unit === 125 || unit === 93) depth--
    else if ((unit >= 48 && unit <= 57) || unit === 45) {
      const end = endOfNumber(text, i)
      if (!isPlainNumber(text, i, end)) return -1
      i = end - 1
    }
  }
  return keys
}

/** Every comma, and every opening of a list or object, begins an entry. */
function hasMoreEntries(text: string, maxEntries: number): boolean {
  let entries = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 34) {
      const end = endOfString(text, i)
      if (end < 0) return false
      i = end
    } else if ((unit === 44 || unit === 91 || unit === 123) && ++entries > maxEntries) return true
  }
  return false
}

/** Index of the closing quote, or -1. A quote after an odd run of backslashes closes nothing. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0) {
    let backslashes = end - 1
    while (text.charCodeAt(backslashes) === 92) backslashes--
    if ((end - backslashes) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
  return -1
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1
  for (; end < text.length; end++) {
    const unit = text.charCodeAt(end)
    const isPart = (unit >= 48 && unit <= 57) || unit === 46 || unit === 43 || unit === 45 || (unit | 32) === 101
    if (!isPart) break
  }
  return end
}

/** Short integers need no look; of all others the text must be what JavaScript prints. */
function isPlainNumber(text: string, start: number, end: number): boolean {
  const source = text.slice(start, end)
  if (source.length <= 15 && /^(?:0|[1-9][0-9]*)$/.test(source)) return true
  return String(Number(source)) === source
}

function countOwnKeys(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countOwnKeys(item)
    return count
  }
  const record = value as Record<string, JsonValue>
  const keys = Object.keys(record)
  count = keys.length
  for (const key of keys) {
    const item = record[key] as JsonValue
    if (typeof item === 'object') count += countOwnKeys(item)
  }
  return count
}
