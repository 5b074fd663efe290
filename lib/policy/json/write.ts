import { PreciseNumber } from './precise-number'

/** Far over what a reader lets in, far under what exhausts a stack. */
const MAX_DEPTH = 500

/** Deeper ones are left to the code that finds values which hold themselves. */
const PLAIN_DEPTH = 64

const LONE_SURROGATE = /\p{Surrogate}/u

/** JSON text of a value from `readJson`: numbers from their source text, keys in their order, nothing dropped. */
export function writeJson(value: unknown): string {
  // What JavaScript writes by itself, and ten times as fast, is all that most values hold.
  return isPlain(value, 0) ? JSON.stringify(value) : write(value, false, [])
}

/** Whether JSON.stringify writes the value as the code below does. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value instanceof PreciseNumber || depth > PLAIN_DEPTH) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false
    return true
  }
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object)) {
    const item = object[key]
    if (item !== undefined && !isPlain(item, depth + 1)) return false
  }
  return true
}

/**
 * RFC 8785 text of a value: keys sorted by UTF-16 units, no white space, numbers from their source text where that was
 * kept. Throws a TypeError on what JSON cannot hold, and on lone surrogates, which RFC 8785 refuses.
 */
export function canonicalJson(value: unknown): string {
  return write(value, true, [])
}

function write(value: unknown, isCanonical: boolean, above: object[]): string {
  switch (typeof value) {
    case 'string':
      if (isCanonical && LONE_SURROGATE.test(value))
        throw new TypeError('A string with a lone surrogate has no canonical form')
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`)
      return JSON.stringify(value)
    case 'object':
      if (value === null) return 'null'
      if (value instanceof PreciseNumber) return value.source
      return writeNested(value, isCanonical, above)
    default:
      throw new TypeError(`JSON has no ${typeof value}`)
  }
}

function writeNested(value: object, isCanonical: boolean, above: object[]): string {
  if (above.length > MAX_DEPTH) throw new TypeError(`A value nested deeper than ${MAX_DEPTH} has no JSON form here`)
  if (above.includes(value)) throw new TypeError('A value that holds itself has no JSON form')
  above.push(value)
  const text = Array.isArray(value)
    ? `[${value.map(item => write(item, isCanonical, above)).join(',')}]`
    : writeObject(value as Record<string, unknown>, isCanonical, above)
  above.pop()
  return text
}

function writeObject(value: Record<string, unknown>, isCanonical: boolean, above: object[]): string {
  const keys = Object.keys(value)
  if (isCanonical) keys.sort()
  let text = ''
  for (const key of keys) {
    const item = value[key]
    if (item === undefined) continue
    text += `${text === '' ? '' : ','}${writeKey(key, isCanonical)}:${write(item, isCanonical, above)}`
  }
  return `{${text}}`
}

const MAX_KEPT_KEYS = 512
const keptKeys = new Map<string, string>()

/** Keys come again and again; their text is kept. */
function writeKey(key: string, isCanonical: boolean): string {
  const kept = keptKeys.get(key)
  if (kept !== undefined) return kept
  const text = write(key, isCanonical, [])
  if (key.length <= 32 && keptKeys.size < MAX_KEPT_KEYS && !LONE_SURROGATE.test(key)) keptKeys.set(key, text)
  return text
}
