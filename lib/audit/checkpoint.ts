import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '@/lib/policy'
import { sha256 } from './chain'

const Hash = z.string().regex(/^[0-9a-f]{64}$/)
/** An Ed25519 public key (RFC 8032), base64url: `x` of its JWK. It names itself. */
export const PublicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** What a proxy signs of its chain (docs/decisions/chain.md): that at `time` it had come to `sequence` with `hash`. */
export const Checkpoint = z.strictObject({
  version: z.literal(1),
  proxy: z.string(),
  chain: z.uuid(),
  sequence: z.int().min(1),
  hash: Hash,
  time: z.iso.datetime({ precision: 3 }),
  /** Digest of this proxy's checkpoint before, whatever chain it was of; null for its first. */
  previous: Hash.nullable(),
  /** Who signed. */
  key: PublicKey,
  /** The key that signs from now on, when it changes. */
  next_key: PublicKey.nullable(),
  /** Ed25519, base64url, over `intercept-checkpoint/1`, a line break, and the RFC 8785 form of all else. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
})
export type Checkpoint = z.infer<typeof Checkpoint>
export type CheckpointStatement = Omit<Checkpoint, 'version' | 'key' | 'signature'>

/** A private key and its public name. */
export interface SigningKey {
  readonly privateKey: KeyObject
  readonly publicKey: string
}

/** @param pem PKCS #8 @throws Error when it is no Ed25519 private key */
export function signingKeyOf(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem)
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new Error(`The signing key is ${privateKey.asymmetricKeyType}, and checkpoints need Ed25519.`)
  return { privateKey, publicKey: publicKeyOf(createPublicKey(privateKey)) }
}

/** @param pem SPKI, as `intercept audit key` prints it @throws Error when it is no Ed25519 public key */
export function readPublicKey(pem: string): string {
  const key = createPublicKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The key is not an Ed25519 public key.')
  return publicKeyOf(key)
}

export function publicKeyPem(publicKey: string): string {
  return keyObjectOf(publicKey).export({ type: 'spki', format: 'pem' }).toString()
}

export function signCheckpoint(statement: CheckpointStatement, { privateKey, publicKey }: SigningKey): Checkpoint {
  const signed = { version: 1 as const, ...statement, key: publicKey }
  return { ...signed, signature: sign(null, signedBytes(signed), privateKey).toString('base64url') }
}

/** Whether `checkpoint.key` signed it. Whether that key is to be trusted is another question. */
export function isSigned(checkpoint: Checkpoint): boolean {
  const { signature, ...signed } = checkpoint
  try {
    return verify(null, signedBytes(signed), keyObjectOf(checkpoint.key), Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

/** Names a checkpoint, its signature included. */
export function checkpointDigest(checkpoint: Checkpoint): string {
  return sha256(canonicalJson(checkpoint))
}

function signedBytes(signed: Omit<Checkpoint, 'signature'>): Buffer {
  return Buffer.from(`intercept-checkpoint/1\n${canonicalJson(signed)}`)
}

function publicKeyOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x as string
}

function keyObjectOf(publicKey: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
}
