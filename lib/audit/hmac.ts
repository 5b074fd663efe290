import { hash } from 'node:crypto'

const BLOCK_BYTES = 64
const HASH_BYTES = 32
/** Memory for what is hashed, used again and again; longer texts get their own. */
const room = Buffer.allocUnsafe(16 * 1024)
const padded = new WeakMap<Buffer, { inner: Buffer; outer: Buffer }>()

/**
 * HMAC-SHA-256 (RFC 2104) in hex, of a text's UTF-8. Two hashes in one go each take half the time of a Hmac object, and each
 * call needs one.
 * @param key at most 64 bytes, and never changed: what is made of it is kept as long as it is
 */
export function hmacSha256(key: Buffer, text: string): string {
  const { inner, outer } = padsOf(key)
  hash('sha256', behind(inner, text), 'buffer').copy(outer, BLOCK_BYTES)
  return hash('sha256', outer, 'hex')
}

function behind(pad: Buffer, text: string): Buffer {
  // A UTF-16 unit takes three bytes at most.
  if (BLOCK_BYTES + text.length * 3 > room.length) return Buffer.concat([pad, Buffer.from(text)])
  pad.copy(room)
  return room.subarray(0, BLOCK_BYTES + room.write(text, BLOCK_BYTES))
}

function padsOf(key: Buffer): { inner: Buffer; outer: Buffer } {
  const known = padded.get(key)
  if (known) return known
  if (key.length > BLOCK_BYTES) throw new RangeError('A key of this HMAC has at most 64 bytes.')
  const pads = { inner: Buffer.alloc(BLOCK_BYTES, 0x36), outer: Buffer.alloc(BLOCK_BYTES + HASH_BYTES, 0x5c) }
  for (const pad of [pads.inner, pads.outer])
    for (let i = 0; i < key.length; i++) pad[i] = (pad[i] ?? 0) ^ (key[i] ?? 0)
  padded.set(key, pads)
  return pads
}
