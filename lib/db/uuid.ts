import { randomUUID } from 'node:crypto'

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness, so that ids sort by time.
 * @param atMs Unix time in milliseconds
 */
export function uuidv7(atMs: number = Date.now()): string {
  const time = atMs.toString(16).padStart(12, '0')
  // Node draws the randomness of its UUIDs in advance, many at a time; from the 16th character on it is what is needed.
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${randomUUID().slice(15)}`
}

/** The Unix milliseconds inside a UUIDv7, or null when `id` is not one. */
export function uuidTime(id: string): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)) return null
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
