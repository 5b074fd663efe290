import { createHash, randomBytes } from 'node:crypto'
import type { Transaction } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import { uuidv7 } from '@/lib/db/uuid'
import { readEnv } from '@/lib/env'

export type LinkPurpose = 'first_owner' | 'reset_password'

const LIFETIME_MS = 60 * 60 * 1000
const TOKEN = /^[A-Za-z0-9_-]{43}$/
const pageOf: Record<LinkPurpose, string> = { first_owner: '/setup', reset_password: '/reset' }

/**
 * Makes the one-time link that creates the first owner and voids those made before.
 * @returns its URL, valid for one hour; null when an owner exists
 */
export function createFirstOwnerLink(): Promise<string | null> {
  return database().prisma.$transaction(async tx => {
    await lockFirstOwner(tx)
    if (await ownerExists(tx)) return null
    return createLink(tx, 'first_owner', null)
  })
}

/**
 * Makes a one-time link in the caller's transaction and voids the earlier ones of its purpose and member.
 * @returns its URL, valid for one hour; only the SHA-256 of its 256-bit token is kept
 */
export async function createLink(tx: Transaction, purpose: LinkPurpose, memberId: string | null): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await tx.oneTimeLink.deleteMany({ where: { purpose, memberId } })
  await tx.oneTimeLink.create({
    data: { id: uuidv7(), purpose, memberId, hash: hashToken(token), expiresAt: new Date(Date.now() + LIFETIME_MS) },
  })
  return `${readEnv().consoleUrl}${pageOf[purpose]}?token=${token}`
}

/** Whether the link could be used now. Reading does not use it up: mail scanners and previews open links too. */
export async function isLinkLive(purpose: LinkPurpose, token: string): Promise<boolean> {
  if (!TOKEN.test(token)) return false
  const { prisma } = database()
  const link = await prisma.oneTimeLink.findFirst({ where: liveLink(purpose, token), select: { memberId: true } })
  if (!link) return false
  return purpose === 'reset_password' || !(await ownerExists(prisma))
}

/**
 * Uses the link up, in the caller's transaction. Of two at once one gets it: the other waits for the row and then finds
 * it used.
 * @returns the link's member, null for the first owner's; false when the link is unknown, used or expired
 */
export async function consumeLink(
  tx: Transaction,
  purpose: LinkPurpose,
  token: string,
): Promise<{ memberId: string | null } | false> {
  if (!TOKEN.test(token)) return false
  const [used] = await tx.oneTimeLink.updateManyAndReturn({
    where: liveLink(purpose, token),
    data: { consumedAt: new Date() },
    select: { memberId: true },
  })
  return used ?? false
}

/** Held until the transaction ends: nobody else makes or uses a first owner's link meanwhile. */
export async function lockFirstOwner(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('intercept first owner'))`
}

/** A disabled owner counts: a set-up link must never be a way around a disabled account. */
export async function ownerExists(tx: Pick<Transaction, 'member'>): Promise<boolean> {
  return (await tx.member.findFirst({ where: { roles: { has: 'owner' } }, select: { id: true } })) !== null
}

function liveLink(purpose: LinkPurpose, token: string) {
  return { purpose, hash: hashToken(token), consumedAt: null, expiresAt: { gt: new Date() } }
}

function hashToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest())
}

/** Whether nobody owns this Intercept yet, so that the sign-in page can say where the set-up link is. */
export async function isWaitingForFirstOwner(): Promise<boolean> {
  return !(await ownerExists(database().prisma))
}
