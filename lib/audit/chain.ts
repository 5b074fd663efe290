import { hash } from 'node:crypto'
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, PreciseNumber, readJson } from '@/lib/policy'

/**
 * The hash chain of the record (docs/decisions/chain.md). A proxy's decisions and outcomes are links of one chain, in
 * the order in which they became durable:
 *
 *   digest = SHA-256(canonical record)
 *   hash   = SHA-256("intercept-link/1" LF previous hash LF sequence LF kind LF digest)
 *
 * Hashes are lower-case hex. The link takes the record's digest and not the record, so that an export can prove a part
 * of a chain without showing the records between.
 */
export type LinkKind = 'decision' | 'outcome'

/** A place in a chain. */
export interface Link {
  /** UUIDv7 of the chain: a proxy begins a new one when it cannot know where its last one ended. */
  readonly chain: string
  /** From 1, without gaps. */
  readonly sequence: number
  readonly hash: string
}

// The record was read within the proxy's own limits; these only bound what a forged export can cost.
const LIMITS = { maxLength: 64 * 1024 * 1024, maxDepth: 1_000 }

/** Lower-case hex SHA-256 of a text's UTF-8. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** What stands before a chain's first link. */
export function genesis(chain: string): string {
  return sha256(`intercept-chain/1\n${chain}`)
}

export function linkHash(previous: string, sequence: number, kind: LinkKind, digest: string): string {
  return sha256(`intercept-link/1\n${previous}\n${sequence}\n${kind}\n${digest}`)
}

/**
 * The bytes that are hashed of a record: RFC 8785, without members that are null and without the record's place, and
 * each number as its exact decimal. So the line in the spool, the row in Postgres (whose jsonb orders keys anew and writes
 * 1e2 as 100) and the line of an export give the same text, and a column added later changes nothing.
 * @param text JSON of the record, from any of the three
 * @throws Error when it is no JSON object, or one key stands in it twice
 */
export function canonicalRecord(text: string): string {
  const reading = readJson(text, LIMITS)
  if (!reading.ok) throw new Error(`The record cannot be read: ${reading.message}`)
  if (!isJsonObject(reading.value)) throw new Error('The record is no JSON object.')
  return canonicalOf(reading.value)
}

/** An object of plain members: words without escapes, short decimals as JavaScript spells them too. */
const FLAT = /^\{(?!"[a-z_]+":null)(?:"[a-z_]+":(?:"[\w:.-]*"|[0-9]{1,15}(?:\.[0-9]{1,17})?|true|false|null),?)+\}$/
const NULLS = /,"[a-z_]+":null/g

/**
 * The same of a row as Postgres writes it (./chain-rows): without its place, keys in order and each once. Most outcomes then
 * need no more than to lose what is null, which is several times as fast.
 */
export function canonicalRow(text: string): string {
  return FLAT.test(text) ? text.replace(NULLS, '') : canonicalRecord(text)
}

/** The same from a value, as `readJson` gives it. */
export function canonicalOf(record: JsonObject): string {
  const { members, isPlain } = orderOf(Object.keys(record))
  if (!isPlain) return writeWithCare(record)
  let text = ''
  for (const { key, label } of members) {
    const value = record[key]
    if (value === null || value === undefined) continue
    const sorted = sortPlain(value)
    if (sorted === undefined) return writeWithCare(record)
    text += `${text === '' ? '{' : ','}${label}${JSON.stringify(sorted)}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** A record's members in the order of their canonical form, with their names as JSON and a colon. */
interface Order {
  readonly keys: readonly string[]
  readonly members: readonly { readonly key: string; readonly label: string }[]
  readonly isPlain: boolean
}

const MOST_KEYS = 64
// Records of one kind have the same keys in the same order, so the last order for each number of keys nearly always fits.
const orders = new Map<number, Order>()

function orderOf(keys: readonly string[]): Order {
  const known = orders.get(keys.length)
  if (known?.keys.every((key, i) => key === keys[i])) return known
  const inOrder = keys.filter(key => !isPlace(key)).sort()
  const members = inOrder.map(key => ({ key, label: `${JSON.stringify(key)}:` }))
  const order = { keys, members, isPlain: inOrder.every(isPlainKey) }
  if (keys.length <= MOST_KEYS) orders.set(keys.length, order)
  return order
}

function writeWithCare(record: JsonObject): string {
  const kept: Record<string, JsonValue> = Object.create(null)
  for (const key of Object.keys(record)) {
    const value = record[key]
    if (value !== null && value !== undefined && !isPlace(key)) kept[key] = withExactNumbers(value)
  }
  return canonicalJson(kept)
}

function isPlace(key: string): boolean {
  return key === 'chain' || key === 'sequence' || key === 'hash'
}

/** In the order of UTF-16 units, as RFC 8785 wants them. Rows of ours come in it. */
function sortedKeys(object: JsonObject): string[] {
  const keys = Object.keys(object)
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] as string) > (keys[i] as string)) return keys.sort()
  return keys
}

/** Whether an object of JavaScript keeps this key in the place where it was put. */
function isPlainKey(key: string): boolean {
  const first = key.charCodeAt(0)
  return !(first >= 48 && first <= 57) && key !== '__proto__'
}

/** The value with its keys in order; undefined when JSON.stringify would not write its canonical form. */
function sortPlain(value: JsonValue): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof PreciseNumber) return undefined
  if (Array.isArray(value)) {
    if (value.length === 0) return value
    const items: JsonValue[] = []
    for (const item of value) {
      const sorted = sortPlain(item)
      if (sorted === undefined) return undefined
      items.push(sorted)
    }
    return items
  }
  const object = value as JsonObject
  const copy: Record<string, JsonValue> = {}
  for (const key of sortedKeys(object)) {
    const item = object[key]
    if (item === undefined) continue
    const sorted = isPlainKey(key) ? sortPlain(item) : undefined
    if (sorted === undefined) return undefined
    copy[key] = sorted
  }
  return copy
}

/** The value itself where no number in it needs another spelling, which is nearly always. */
function withExactNumbers(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof PreciseNumber) return value.isExact ? value.value : new PreciseNumber(decimalOf(value.source))
  if (Array.isArray(value)) {
    const items = value.map(withExactNumbers)
    return items.every((item, i) => item === value[i]) ? value : items
  }
  const object = value as JsonObject
  let copy: Record<string, JsonValue> | null = null
  for (const key of Object.keys(object)) {
    const item = object[key] as JsonValue
    const exact = withExactNumbers(item)
    if (exact === item) continue
    copy ??= Object.assign(Object.create(null) as Record<string, JsonValue>, object)
    copy[key] = exact
  }
  return copy ?? value
}

/** One spelling of a decimal that no double holds: its digits without outer zeros, and the exponent of the last one. */
function decimalOf(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(source) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  let end = digits.length
  while (end > 1 && digits[end - 1] === '0') end--
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`
}
