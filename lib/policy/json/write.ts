import { PreciseNumber } from './precise-number'

/** Far over what a reader lets in, far under what exhausts a stack. */
const MAX_DEPTH = 500

const LONE_SURROGATE = /\p{Surrogate}/u

/** JSON text of a value from `readJson`: numbers from their source text, keys in their order, nothing dropped. */
export function writeJson(value: unknown): string {
  return write(value, false, [])
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
