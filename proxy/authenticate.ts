import { timingSafeEqual } from 'node:crypto'
import { hashKey, KEY_PATTERN } from '@/lib/identity/keys'
import type { EnforcedKey, Enforcement } from './enforcement'

const NOBODY = Buffer.alloc(32)

/**
 * Who bears this key. The prefix finds the candidate and the hash is compared in constant time, against nothing where
 * there is no candidate, so that the time tells no prefix.
 * @param authorization the header as it came
 * @param now Unix ms
 * @returns null when it is no live key
 */
export function authenticate(
  enforcement: Enforcement,
  authorization: string | undefined,
  now: number,
): EnforcedKey | null {
  const key = bearerOf(authorization)
  if (key === null || !KEY_PATTERN.test(key)) return null
  const candidate = enforcement.keys.get(key.slice(0, 11))
  const isEqual = timingSafeEqual(hashKey(key), candidate?.hashBytes ?? NOBODY)
  if (!candidate || !isEqual) return null
  return isLive(candidate, now) ? candidate : null
}

/** Whether a key that was good when a session began still is. */
export function isStillGood(enforcement: Enforcement, key: EnforcedKey, now: number): boolean {
  const current = enforcement.keys.get(key.prefix)
  return current !== undefined && current.id === key.id && isLive(current, now)
}

function isLive(key: EnforcedKey, now: number): boolean {
  return key.expiresAt === null || key.expiresAt > now
}

/** RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1). */
function bearerOf(authorization: string | undefined): string | null {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null
}
