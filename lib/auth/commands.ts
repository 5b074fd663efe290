import { z } from 'zod'
import { sqlIn, type Transaction } from '@/lib/db/client'
import { uuidv7 } from '@/lib/db/uuid'
import { authorise, command } from './command'
import { createLink, lockFirstOwner } from './links'
import { Email, MemberName } from './members'
import { type Actor, Role } from './model'
import { NO_PASSWORD } from './password'
import { Refusal } from './refusal'
import { endSessionsOf } from './sessions'

const NewMember = z.object({
  email: Email,
  name: MemberName,
  roles: z.array(Role).min(1, 'Give the member at least one role.').max(Role.options.length),
})
const ByEmail = z.object({ email: Email })

/**
 * Adds a member without a password.
 * @returns the one-time link with which they choose one, valid for one hour
 * @throws Refusal `conflict` when the address is taken; owners are added by owners only
 */
export function addMember(actor: Actor, input: z.input<typeof NewMember>): Promise<{ id: string; link: string }> {
  return command(actor, 'member.manage', NewMember, input, async ({ tx, change }, { email, name, roles }) => {
    if (roles.includes('owner')) authorise(actor, 'owner.manage')
    const id = uuidv7()
    const unique = [...new Set(roles)]
    const data = [{ id, email, name, roles: unique, passwordHash: NO_PASSWORD }]
    const { count } = await tx.member.createMany({ data, skipDuplicates: true })
    if (count === 0) {
      const message = `${email} is a member already.`
      throw new Refusal('conflict', message, [{ path: 'email', message }])
    }
    const link = await createLink(tx, 'reset_password', id)
    const after = { name, email, roles: unique }
    await change({ action: 'member.add', entity: 'member', entityId: id, label: email, after })
    return { id, link }
  })
}

/** Makes a one-time link, valid for one hour, with which a member chooses a new password; earlier ones are void. */
export function resetMember(actor: Actor, input: z.input<typeof ByEmail>): Promise<{ link: string }> {
  return command(actor, 'member.manage', ByEmail, input, async ({ tx, change }, { email }) => {
    const member = await findManageable(tx, actor, email)
    if (member.disabledAt) throw new Refusal('conflict', `${email} is disabled. Enable the member first.`)
    const link = await createLink(tx, 'reset_password', member.id)
    await change({ action: 'member.reset', entity: 'member', entityId: member.id, label: email })
    return { link }
  })
}

/** Disables a member and ends their sessions; their next request is refused. The last owner cannot be disabled. */
export function disableMember(actor: Actor, input: z.input<typeof ByEmail>): Promise<{ id: string }> {
  return command(actor, 'member.manage', ByEmail, input, async ({ tx, change }, { email }) => {
    // Two owners who disable each other at once must not both succeed.
    await lockFirstOwner(tx)
    const member = await findManageable(tx, actor, email)
    if (member.disabledAt) throw new Refusal('conflict', `${email} is disabled already.`)
    const otherOwner = { roles: { has: 'owner' as const }, disabledAt: null, id: { not: member.id } }
    if (member.roles.includes('owner') && !(await tx.member.findFirst({ where: otherOwner }))) {
      throw new Refusal('conflict', `${email} is the last owner who is enabled. Make another owner first.`)
    }
    const disabledAt = new Date()
    await tx.member.update({ where: { id: member.id }, data: { disabledAt } })
    await endSessionsOf(sqlIn(tx), member.id)
    await tx.oneTimeLink.deleteMany({ where: { memberId: member.id } })
    const record = { entity: 'member', entityId: member.id, label: email }
    await change({ ...record, action: 'member.disable', before: { disabledAt: null }, after: { disabledAt } })
    return { id: member.id }
  })
}

/** Lets a disabled member sign in again, with the password they had. */
export function enableMember(actor: Actor, input: z.input<typeof ByEmail>): Promise<{ id: string }> {
  return command(actor, 'member.manage', ByEmail, input, async ({ tx, change }, { email }) => {
    const member = await findManageable(tx, actor, email)
    if (!member.disabledAt) throw new Refusal('conflict', `${email} is enabled already.`)
    await tx.member.update({ where: { id: member.id }, data: { disabledAt: null } })
    const record = { entity: 'member', entityId: member.id, label: email }
    const before = { disabledAt: member.disabledAt }
    await change({ ...record, action: 'member.enable', before, after: { disabledAt: null } })
    return { id: member.id }
  })
}

/** @throws Refusal `not_found`; `forbidden` when the member is an owner and the actor is none */
async function findManageable(tx: Transaction, actor: Actor, email: string) {
  const member = await tx.member.findUnique({ where: { email } })
  if (!member) throw new Refusal('not_found', `No member has the address ${email}.`)
  if (member.roles.includes('owner')) authorise(actor, 'owner.manage')
  return member
}
