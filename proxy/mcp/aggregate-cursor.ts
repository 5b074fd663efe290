import { isJsonObject, type JsonValue, readJson } from '@/lib/policy'

/** Where each server's list goes on, by slug. */
export type Cursors = ReadonlyMap<string, string>

/** One cursor for the lists of several servers; undefined when none goes on. */
export function composedCursor(cursors: Cursors): string | undefined {
  return cursors.size === 0 ? undefined : Buffer.from(JSON.stringify([...cursors])).toString('base64url')
}

/** The parts of a composed cursor; null when it is none of ours. */
export function cursorParts(cursor: JsonValue): Cursors | null {
  if (typeof cursor !== 'string') return null
  const reading = readJson(Buffer.from(cursor, 'base64url').toString())
  if (!reading.ok || !Array.isArray(reading.value)) return null
  const parts = new Map<string, string>()
  for (const part of reading.value) {
    if (isJsonObject(part) || !Array.isArray(part)) return null
    const [slug, own] = part
    if (typeof slug !== 'string' || typeof own !== 'string') return null
    parts.set(slug, own)
  }
  return parts
}
