import { z } from 'zod'
import { command } from '@/lib/auth/command'
import { Email } from '@/lib/auth/members'
import type { Actor } from '@/lib/auth/model'
import { Refusal, refuseField } from '@/lib/auth/refusal'
import type { Transaction } from '@/lib/db/client'
import { uuidv7 } from '@/lib/db/uuid'
import { IdentityKind, IdentityName, Labels } from '../model'
import { findIdentity } from './find-identity'

const NewIdentity = z.object({
  name: IdentityName,
  kind: IdentityKind.default('agent'),
  labels: Labels.default({}),
  /** The member who answers for it. */
  steward: Email.optional(),
})
const ByName = z.object({ identity: z.string() })

/** Adds an identity. It may call nothing until it has a key and a grant. @throws Refusal `conflict` when the name is taken */
export function addIdentity(actor: Actor, input: z.input<typeof NewIdentity>): Promise<{ id: string; name: string }> {
  return command(actor, 'identity.manage', NewIdentity, input, async ({ tx, change }, { steward, ...identity }) => {
    const id = uuidv7()
    const stewardId = steward ? await findSteward(tx, steward) : null
    // Two who add one name at once: the second waits here and then finds it taken.
    const { count } = await tx.identity.createMany({ data: [{ id, ...identity, stewardId }], skipDuplicates: true })
    if (count === 0) {
      const message = `An identity named ${identity.name} exists already. Choose another name.`
      throw new Refusal('conflict', message, [{ path: 'name', message }])
    }
    const after = { ...identity, steward: steward ?? null }
    await change({ action: 'identity.add', entity: 'identity', entityId: id, label: identity.name, after })
    return { id, name: identity.name }
  })
}

/** Disables an identity: its keys and grants stay, and no call of it passes until it is enabled again. */
export function disableIdentity(actor: Actor, input: z.input<typeof ByName>): Promise<{ id: string }> {
  return command(actor, 'identity.manage', ByName, input, async ({ tx, change }, { identity: name }) => {
    const identity = await findIdentity(tx, name)
    if (identity.disabledAt) throw new Refusal('conflict', `${identity.name} is disabled already.`)
    const disabledAt = new Date()
    await tx.identity.update({ where: { id: identity.id }, data: { disabledAt } })
    const record = { entity: 'identity', entityId: identity.id, label: identity.name }
    await change({ ...record, action: 'identity.disable', before: { disabledAt: null }, after: { disabledAt } })
    return { id: identity.id }
  })
}

/** Lets a disabled identity call again, with the keys and grants that are still live. */
export function enableIdentity(actor: Actor, input: z.input<typeof ByName>): Promise<{ id: string }> {
  return command(actor, 'identity.manage', ByName, input, async ({ tx, change }, { identity: name }) => {
    const identity = await findIdentity(tx, name)
    if (!identity.disabledAt) throw new Refusal('conflict', `${identity.name} is enabled already.`)
    await tx.identity.update({ where: { id: identity.id }, data: { disabledAt: null } })
    const record = { entity: 'identity', entityId: identity.id, label: identity.name }
    const before = { disabledAt: identity.disabledAt }
    await change({ ...record, action: 'identity.enable', before, after: { disabledAt: null } })
    return { id: identity.id }
  })
}

async function findSteward(tx: Transaction, email: string): Promise<string> {
  const member = await tx.member.findUnique({ where: { email }, select: { id: true, disabledAt: true } })
  if (!member || member.disabledAt) throw refuseField('steward', `No enabled member has the address ${email}.`)
  return member.id
}
