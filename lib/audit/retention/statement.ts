import { z } from 'zod'
import { canonicalJson } from '@/lib/policy'
import { sha256 } from '../chain'
import { Hash, isSignatureOf, PublicKey, type SigningKey, signValue } from '../checkpoint'

const Time = z.iso.datetime({ precision: 3 })
const Count = z.int().min(0)

/** Stretches of one chain that a statement may hold: past it, a day is not dropped but complained of. */
export const MOST_RUNS = 20_000

/** Records that were neighbours in their chain and were dropped together, first and last. */
export const DroppedRun = z.strictObject({
  from: z.int().min(1),
  to: z.int().min(1),
  /** Hash of the link before `from`; null when that one was not there. */
  before: Hash.nullable(),
  /** Hash of link `to`, on which the next record follows. */
  hash: Hash,
})
export type DroppedRun = z.infer<typeof DroppedRun>

/**
 * What retention dropped, in one day's partitions (docs/decisions/retention.md). It names what was there when it was dropped and
 * nothing else, so that a record which was missing by then stays missing.
 */
export const RetentionStatement = z.strictObject({
  version: z.literal(1),
  /** From 1, without gaps. */
  number: z.int().min(1),
  time: Time,
  /** The host that ran the maintenance. */
  by: z.string(),
  retention_days: z.int().min(1),
  partitions: z.array(z.string()),
  /** Times of the calls: `from` included, `to` excluded. */
  from: Time,
  to: Time,
  decisions: Count,
  outcomes: Count,
  quarantined: Count,
  /** Of those, without a place in a chain. */
  unlinked: Count,
  chains: z.array(
    z.strictObject({ chain: z.uuid(), proxy: z.string().nullable(), records: Count, runs: z.array(DroppedRun) }),
  ),
  /** Digest of the statement before. */
  previous: Hash.nullable(),
  /** Ed25519, of the owner's key for this and for nothing else. */
  key: PublicKey,
  /** Over `intercept-retention/1`, a line break, and the RFC 8785 form of all else. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
})
export type RetentionStatement = z.infer<typeof RetentionStatement>
export type Dropped = Omit<RetentionStatement, 'version' | 'key' | 'signature'>

const DOMAIN = 'intercept-retention/1'

export function signStatement(dropped: Dropped, key: SigningKey): RetentionStatement {
  const signed = { version: 1 as const, ...dropped, key: key.publicKey }
  return { ...signed, signature: signValue(DOMAIN, signed, key) }
}

/** Whether `statement.key` signed it. Whether that key is to be trusted is another question. */
export function isStatementSigned(statement: RetentionStatement): boolean {
  const { signature, ...signed } = statement
  return isSignatureOf(DOMAIN, signed, statement.key, signature)
}

/** Names a statement, its signature included. */
export function statementDigest(statement: RetentionStatement): string {
  return sha256(canonicalJson(statement))
}
