import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { boundedQueue } from './bounded-queue'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Cost of one hash. Memory is 128 · r · 2^ln bytes. */
export interface ScryptCost {
  ln: number
  r: number
  p: number
}

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^17, r = 8, p = 1, so 128 MiB a hash. */
export const STANDARD_COST: ScryptCost = { ln: 17, r: 8, p: 1 }

const SALT_BYTES = 16
const HASH_BYTES = 32

// Two at a time hold 256 MiB at most; a flood waits in a short line and is then told so, it never eats the memory.
const turns = boundedQueue({ running: 2, waiting: 32 })

/**
 * Hashes a password into a self-describing string (PHC string format): `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
 * The password is taken in Unicode form NFKC, so that two keyboards type the same one.
 * @throws QueueFullError when too many hashes wait already
 */
export async function hashPassword(password: string, cost: ScryptCost = STANDARD_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await stretch(password, salt, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(hash)}`
}

/**
 * Whether the password is the one that was hashed; compares in constant time.
 * @throws QueueFullError when too many hashes wait already
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parsed = readStored(stored)
  if (!parsed) return false
  const hash = await stretch(password, parsed.salt, parsed.cost)
  return timingSafeEqual(hash, parsed.hash)
}

/**
 * A hash that no password opens, at the standard cost. Checked for accounts that do not exist, so that their answer
 * takes as long as that of accounts that do.
 */
export const NO_PASSWORD = `$scrypt$ln=17,r=8,p=1$${unpadded(randomBytes(SALT_BYTES))}$${unpadded(randomBytes(HASH_BYTES))}`

function stretch(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
  const N = 2 ** cost.ln
  const options = { N, r: cost.r, p: cost.p, maxmem: 128 * cost.r * (N + cost.p + 2) }
  return turns.run(() => derive(password.normalize('NFKC'), salt, HASH_BYTES, options))
}

const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

function readStored(stored: string): { cost: ScryptCost; salt: Buffer; hash: Buffer } | null {
  const match = STORED.exec(stored)
  if (!match) return null
  const [ln, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (ln < 1 || ln > 20 || r < 1 || r > 16 || p < 1 || p > 16) return null
  return {
    cost: { ln, r, p },
    salt: Buffer.from(match[4] ?? '', 'base64'),
    hash: Buffer.from(match[5] ?? '', 'base64'),
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
