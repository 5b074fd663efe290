import { type JsonObject, PreciseNumber } from '@/lib/policy'

// RFC 8785 text of the values that records are made of, at a fifth of what the general writer of lib/policy takes. What is
// out of the ordinary is left to that one.

/** The names of an object's members as JSON with a colon, and where each stands in canonical order. */
interface Order {
  readonly keys: readonly string[]
  readonly labels: readonly string[]
  readonly canonical: readonly number[]
}

const MAX_ORDERS = 512
const MAX_KEPT_KEYS = 64
const MAX_KEY_LENGTH = 64
// Objects of one shape come again and again: their order is kept by their first key and how many there are.
const orders = new Map<string, Order[]>()

/** undefined where a key takes more care. */
function orderOf(keys: readonly string[]): Order | undefined {
  const first = keys[0] ?? ''
  const known = orders.get(first)?.[keys.length]
  if (known && isSame(known.keys, keys)) return known
  const labels: string[] = []
  for (const key of keys) {
    const json = writeText(key)
    if (json === undefined) return undefined
    labels.push(`${json}:`)
  }
  const canonical = keys.map((_, i) => i).sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1))
  const order = { keys, labels, canonical }
  if (keys.length <= MAX_KEPT_KEYS && keys.every(key => key.length <= MAX_KEY_LENGTH)) keep(first, order)
  return order
}

function keep(first: string, order: Order): void {
  if (orders.size >= MAX_ORDERS) orders.clear()
  const byCount = orders.get(first) ?? []
  byCount[order.keys.length] = order
  orders.set(first, byCount)
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const MAX_DEPTH = 128
/** Doubles whose spelling has three digits of exponent are what `storable` looks at. */
const LARGEST = 1e99
const SMALLEST = 1e-98

/**
 * The canonical JSON of a value; undefined where that takes more care: numbers that no double holds or with an exponent of
 * three digits, control characters, lone surrogates, U+E000 (the mark of lib/audit/storable.ts), endless depth.
 */
export function canonicalText(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return writeText(value)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value !== 'object' || depth > MAX_DEPTH || value instanceof PreciseNumber) return undefined
  return Array.isArray(value) ? writeList(value, depth) : writeObject(value as JsonObject, depth)
}

function writeNumber(value: number): string | undefined {
  const size = Math.abs(value)
  return size < LARGEST && (size > SMALLEST || size === 0) ? JSON.stringify(value) : undefined
}

const ESCAPED_UNIT = /\\u/

function writeText(value: string): string | undefined {
  const json = JSON.stringify(value)
  // Control characters and lone surrogates are written as \uXXXX; the mark of an escape would be taken for one.
  if ((json.length !== value.length + 2 && ESCAPED_UNIT.test(json)) || value.includes('\uE000')) return undefined
  return json
}

function writeList(list: readonly unknown[], depth: number): string | undefined {
  if (list.length === 0) return '[]'
  let text = ''
  for (let i = 0; i < list.length; i++) {
    const json = canonicalText(list[i], depth + 1)
    if (json === undefined) return undefined
    text += (i === 0 ? '[' : ',') + json
  }
  return `${text}]`
}

function writeObject(object: JsonObject, depth: number): string | undefined {
  const keys = Object.keys(object)
  if (keys.length === 0) return '{}'
  const order = orderOf(keys)
  if (!order) return undefined
  const { labels, canonical } = order
  let text = ''
  for (const i of canonical) {
    const value = object[keys[i] as string]
    if (value === undefined) continue
    const json = canonicalText(value, depth + 1)
    if (json === undefined) return undefined
    text += (text === '' ? '{' : ',') + (labels[i] as string) + json
  }
  return text === '' ? '{}' : `${text}}`
}
