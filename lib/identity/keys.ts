import { hash, randomBytes, randomInt } from 'node:crypto'

/** The shape of a whole key: `ik_`, 8 characters that name it, `_`, 256 random bits in base64url. */
export const KEY_PATTERN = /^ik_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/

/** The shape of the part that may be seen. */
export const KEY_PREFIX_PATTERN = /^ik_[a-z0-9]{8}$/

/** A key that was just made. `key` is shown once and kept nowhere. */
export interface FreshKey {
  key: string
  prefix: string
  hash: Buffer<ArrayBuffer>
}

const PREFIX_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Makes a key of 256 random bits. */
export function generateKey(): FreshKey {
  const id = Array.from({ length: 8 }, () => PREFIX_ALPHABET[randomInt(PREFIX_ALPHABET.length)]).join('')
  const prefix = `ik_${id}`
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { key, prefix, hash: hashKey(key) }
}

/** SHA-256 of the whole key. Fast on purpose: 256 random bits need no stretching, and every call hashes once. */
export function hashKey(key: string): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', key, 'buffer'))
}

/** The visible prefix of a full key or of a prefix; null when the text is neither. */
export function prefixOf(keyOrPrefix: string): string | null {
  if (KEY_PREFIX_PATTERN.test(keyOrPrefix)) return keyOrPrefix
  return KEY_PATTERN.test(keyOrPrefix) ? keyOrPrefix.slice(0, 11) : null
}
