import { Refusal } from '@/lib/auth/refusal'
import type { Transaction } from '@/lib/db/client'

/** The identity of this name. Locked until the transaction ends, so that bounds on what it has cannot be raced past. */
export async function findIdentity(tx: Transaction, name: string) {
  const trimmed = name.trim()
  await tx.$queryRaw`SELECT 1 FROM identities WHERE name = ${trimmed} FOR UPDATE`
  const identity = await tx.identity.findUnique({ where: { name: trimmed } })
  if (identity) return identity
  const message = `There is no identity named ${JSON.stringify(trimmed)}.`
  throw new Refusal('not_found', message, [{ path: 'identity', message }])
}
