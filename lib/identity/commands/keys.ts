import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal, refuseField } from '@/lib/auth/refusal'
import { uuidv7 } from '@/lib/db/uuid'
import { generateKey, hashKey, KEY_PATTERN, prefixOf } from '../keys'
import { Moment } from '../model'
import { findIdentity } from './find-identity'

/** An identity needs two keys while one is rotated; more than this is a mistake or an abuse. */
const LIVE_KEYS_MAX = 20

const NewKey = z.object({ identity: z.string(), expiresAt: Moment.nullish() })
const OneKey = z.object({ key: z.string().trim() })

/**
 * Issues a key to an identity.
 * @returns the key itself, this once: only its hash and its prefix are kept
 * @throws Refusal `not_found`, `conflict` when the identity is disabled or holds too many keys
 */
export function issueKey(actor: Actor, input: z.input<typeof NewKey>): Promise<{ key: string; prefix: string }> {
  return command(actor, 'identity.manage', NewKey, input, async ({ tx, change }, { identity: name, expiresAt }) => {
    const now = new Date()
    if (expiresAt && expiresAt <= now)
      throw refuseField('expiresAt', 'A key expires in the future. Choose a later time.')
    const identity = await findIdentity(tx, name)
    if (identity.disabledAt) throw new Refusal('conflict', `${identity.name} is disabled. Enable it first.`)
    const live = { identityId: identity.id, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] }
    if ((await tx.key.count({ where: live })) >= LIVE_KEYS_MAX) {
      throw new Refusal(
        'conflict',
        `${identity.name} holds ${LIVE_KEYS_MAX} live keys. Revoke one that is not used first.`,
      )
    }
    const { key, prefix, hash } = generateKey()
    const id = uuidv7()
    const data = { id, identityId: identity.id, prefix, expiresAt: expiresAt ?? null, createdBy: actor.name }
    await tx.key.create({ data: { ...data, hash: new Uint8Array(hash) } })
    const after = { identity: identity.name, prefix, expiresAt: expiresAt ?? null }
    await change({ action: 'key.issue', entity: 'key', entityId: id, label: prefix, after })
    return { key, prefix }
  })
}

/**
 * Revokes a key, named by its prefix or in full; proxies refuse it from then on.
 * @throws Refusal `invalid` when the text is no key, `not_found`, `conflict` when it is revoked already
 */
export function revokeKey(actor: Actor, input: z.input<typeof OneKey>): Promise<{ prefix: string; identity: string }> {
  return command(actor, 'identity.manage', OneKey, input, async ({ tx, change }, { key: text }) => {
    const prefix = prefixOf(text)
    // The text is not repeated: it may be a secret of something else.
    if (!prefix)
      throw refuseField('key', 'This is neither a key nor the prefix of one. A prefix reads ik_ and 8 characters.')
    const full = KEY_PATTERN.test(text) ? { hash: new Uint8Array(hashKey(text)) } : {}
    const key = await tx.key.findUnique({ where: { prefix, ...full }, include: { identity: true } })
    if (!key) throw new Refusal('not_found', `There is no such key with the prefix ${prefix}.`)
    const revokedAt = new Date()
    const { count } = await tx.key.updateMany({ where: { id: key.id, revokedAt: null }, data: { revokedAt } })
    if (count === 0) throw new Refusal('conflict', `${prefix} is revoked already.`)
    const record = { entity: 'key', entityId: key.id, label: prefix }
    const before = { identity: key.identity.name, revokedAt: null }
    await change({ ...record, action: 'key.revoke', before, after: { identity: key.identity.name, revokedAt } })
    return { prefix, identity: key.identity.name }
  })
}
