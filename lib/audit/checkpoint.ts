import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '@/lib/policy'
import { sha256 } from './chain'

export const Hash = z.string().regex(/^[0-9a-f]{64}$/)
/** An Ed25519 public key (RFC 8032), base64url: `x` of its JWK. It names itself. */
export const PublicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** Another proxy's checkpoint, as a checkpoint names it. */
export const SeenCheckpoint = z.strictObject({
  proxy: z.string(),
  chain: z.uuid(),
  sequence: z.int().min(1),
  digest: Hash,
})
export type SeenCheckpoint = z.infer<typeof SeenCheckpoint>

/** Others that one checkpoint names at most; with more proxies they take turns. */
export const MOST_SEEN = 32

/** What a proxy signs of its chain (docs/decisions/chain.md): that at `time` it had come to `sequence` with `hash`. */
export const Checkpoint = z.strictObject({
  /** 1 has neither `seen` nor `statement`. */
  version: z.literal([1, 2]),
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
  /** The newest checkpoints of other proxies that Postgres held: what is named cannot vanish unseen. */
  seen: z.array(SeenCheckpoint).max(MOST_SEEN).optional(),
  /** Digest of the newest statement of retention that Postgres held. */
  statement: Hash.nullable().optional(),
  /** Ed25519, base64url, over `intercept-checkpoint/<version>`, a line break, and the RFC 8785 form of all else. */
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

/** With `seen` it is of version 2. */
export function signCheckpoint(statement: CheckpointStatement, key: SigningKey): Checkpoint {
  const version = statement.seen === undefined ? (1 as const) : (2 as const)
  const signed = { version, ...statement, key: key.publicKey }
  return { ...signed, signature: signValue(`intercept-checkpoint/${version}`, signed, key) }
}

/** Whether `checkpoint.key` signed it. Whether that key is to be trusted is another question. */
export function isSigned(checkpoint: Checkpoint): boolean {
  const { signature, ...signed } = checkpoint
  return isSignatureOf(`intercept-checkpoint/${checkpoint.version}`, signed, checkpoint.key, signature)
}

/** Ed25519 over `domain`, a line break and the RFC 8785 form of the value, in base64url. */
export function signValue(domain: string, value: object, { privateKey }: SigningKey): string {
  return sign(null, signedBytes(domain, value), privateKey).toString('base64url')
}

/** Whether `publicKey` made the signature with `signValue`; false also for a key or a signature that is none. */
export function isSignatureOf(domain: string, value: object, publicKey: string, signature: string): boolean {
  try {
    return verify(null, signedBytes(domain, value), keyObjectOf(publicKey), Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

/** Names a checkpoint, its signature included. */
export function checkpointDigest(checkpoint: Checkpoint): string {
  return sha256(canonicalJson(checkpoint))
}

function signedBytes(domain: string, value: object): Buffer {
  return Buffer.from(`${domain}\n${canonicalJson(value)}`)
}

function publicKeyOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x as string
}

function keyObjectOf(publicKey: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
}
