import { type JsonObject, PreciseNumber } from '@/lib/policy'

// RFC 8785 text of the values that records are made of, at a fifth of what the general writer of lib/policy takes. What is
// out of the ordinary is left to that one.

/** The names of an object's members as JSON with a colon, and where each stands in canonical order. */
export interface Order {
  readonly keys: readonly string[]
  readonly labels: readonly string[]
  readonly canonical: readonly number[]
  /** Of each member the text that was written last, and how, where that may be kept. */
  readonly latest: { text: string; json: string }[]
}

const MAX_ORDERS = 512
const MAX_KEPT_KEYS = 64
const MAX_KEY_LENGTH = 64
// Objects of one shape come again and again: their order is kept by their first key and how many there are.
const orders = new Map<string, Order[]>()

/** undefined where a key takes more care. */
export function orderOf(keys: readonly string[]): Order | undefined {
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
  const order = { keys, labels, canonical, latest: keys.map(() => ({ text: '', json: '""' })) }
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
 * @param keeps whether short texts may stay in memory: where they are the same from call to call and no secret
 */
export function canonicalText(value: unknown, keeps = false, depth = 0): string | undefined {
  if (typeof value === 'string') return writeText(value)
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value !== 'object' || depth > MAX_DEPTH || value instanceof PreciseNumber) return undefined
  return Array.isArray(value) ? writeList(value, keeps, depth) : writeObject(value as JsonObject, keeps, depth)
}

function writeNumber(value: number): string | undefined {
  const size = Math.abs(value)
  return size < LARGEST && (size > SMALLEST || size === 0) ? JSON.stringify(value) : undefined
}

const MAX_KEPT_TEXT = 128

/** A member's value, from the last time where it is the same text. */
export function memberText({ latest }: Order, i: number, value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_KEPT_TEXT) return canonicalText(value, true, depth)
  const last = latest[i] as Order['latest'][number]
  if (last.text === value) return last.json
  const json = writeText(value)
  if (json === undefined) return undefined
  last.text = value
  last.json = json
  return json
}

const ESCAPED_UNIT = /\\u/

function writeText(value: string): string | undefined {
  const json = JSON.stringify(value)
  // Control characters and lone surrogates are written as \uXXXX; the mark of an escape would be taken for one.
  if ((json.length !== value.length + 2 && ESCAPED_UNIT.test(json)) || value.includes('\uE000')) return undefined
  return json
}

function writeList(list: readonly unknown[], keeps: boolean, depth: number): string | undefined {
  if (list.length === 0) return '[]'
  let text = ''
  for (let i = 0; i < list.length; i++) {
    const json = canonicalText(list[i], keeps, depth + 1)
    if (json === undefined) return undefined
    text += (i === 0 ? '[' : ',') + json
  }
  return `${text}]`
}

function writeObject(object: JsonObject, keeps: boolean, depth: number): string | undefined {
  const keys = Object.keys(object)
  if (keys.length === 0) return '{}'
  const order = orderOf(keys)
  if (!order) return undefined
  const { labels, canonical } = order
  let text = ''
  for (const i of canonical) {
    const value = object[keys[i] as string]
    if (value === undefined) continue
    const json = keeps ? memberText(order, i, value, depth + 1) : canonicalText(value, false, depth + 1)
    if (json === undefined) return undefined
    text += (text === '' ? '{' : ',') + (labels[i] as string) + json
  }
  return text === '' ? '{}' : `${text}}`
}
