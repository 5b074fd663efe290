import { randomBytes } from 'node:crypto'

/** Random hex digits, drawn in advance for many ids at a time. */
const POOL_BYTES = 2_048
const DIGITS_OF_ID = 19
let pool = ''
let used = 0
/** The part of an id that tells its time. Many are of one millisecond. */
let latest = { atMs: Number.NaN, begin: '' }

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness, so that ids sort by time.
 * @param atMs Unix time in milliseconds
 */
export function uuidv7(atMs: number = Date.now()): string {
  if (latest.atMs !== atMs) latest = { atMs, begin: beginOf(atMs) }
  if (used + DIGITS_OF_ID > pool.length) {
    pool = randomBytes(POOL_BYTES).toString('hex')
    used = 0
  }
  const at = used
  used += DIGITS_OF_ID
  // The variant: two bits that are 10, and two of the digit's.
  const variant = '89ab'[Number.parseInt(pool[at + 3] ?? '', 16) & 3]
  const [high, low, rest] = [pool.slice(at, at + 3), pool.slice(at + 4, at + 7), pool.slice(at + 7, at + 19)]
  return `${latest.begin}${high}-${variant}${low}-${rest}`
}

function beginOf(atMs: number): string {
  const time = atMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7`
}

/** The Unix milliseconds inside a UUIDv7, or null when `id` is not one. */
export function uuidTime(id: string): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)) return null
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
