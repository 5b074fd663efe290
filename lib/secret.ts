import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** What a key derived from INTERCEPT_SECRET is for. The version is part of the derivation, so that one use can rotate alone. */
export type KeyUse = 'credentials' | 'argument-digest' | 'approval-digest' | 'sessions' | 'bundle'

/**
 * Derives the 32-byte key of one use (HKDF-SHA-256, RFC 5869) from the one secret.
 * @param secret INTERCEPT_SECRET as read by lib/env
 */
export function deriveKey(secret: string, use: KeyUse, version = 1): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'intercept', `${use}/v${version}`, 32))
}

/**
 * Seals text with AES-256-GCM. Layout: version byte 1 · 12 bytes nonce · 16 bytes tag · ciphertext.
 * @param context bound to the ciphertext but not stored in it, say the server's id: a sealed value moved elsewhere does not open
 */
export function seal(key: Buffer, text: string, context: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return new Uint8Array(Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), body]))
}

/** Opens what `seal` made. @throws Error when the key, the context or a byte differs */
export function unseal(key: Buffer, sealed: Uint8Array, context: string): string {
  const bytes = Buffer.from(sealed)
  if (bytes[0] !== 1 || bytes.length < 29)
    throw new Error('This sealed value has a version that this release does not know.')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13)).setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(13, 29))
  return decipher.update(bytes.subarray(29), undefined, 'utf8') + decipher.final('utf8')
}
