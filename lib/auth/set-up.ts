import { z } from 'zod'
import { writeChange } from '@/lib/audit/changes'
import { sqlIn } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import { uuidv7 } from '@/lib/db/uuid'
import { consumeLink, isLinkLive, lockFirstOwner, ownerExists } from './links'
import { Email, MemberName, NewPassword, refuseWeakPassword } from './members'
import type { Role } from './model'
import { hashNewPassword } from './new-password'
import { parseInput, Refusal } from './refusal'
import { type Browser, endSessionsOf, startSession } from './sessions'

const SetUp = z.object({ token: z.string(), name: MemberName, email: Email, password: NewPassword })
const Reset = z.object({ token: z.string(), password: NewPassword })

const VOID_SET_UP =
  'This link was used, has expired or is void, since an owner exists. Without an owner, a restart of Intercept prints a new one.'
const VOID_RESET = 'This link was used or has expired. Ask an owner for a new one: intercept user reset EMAIL.'

/**
 * Uses the set-up link up: makes the first owner and signs them in.
 * @returns the session's id
 * @throws Refusal `conflict` when the link is not live, `invalid` with what to mend
 */
export async function setUpFirstOwner(input: unknown, browser: Browser): Promise<string> {
  const { token, name, email, password } = parseInput(SetUp, input)
  refuseWeakPassword(password, { name, email })
  // Asked before the password is hashed, so that nobody without a link can make us do that work.
  if (!(await isLinkLive('first_owner', token))) throw new Refusal('conflict', VOID_SET_UP)
  const passwordHash = await hashNewPassword(password)
  return database().prisma.$transaction(async tx => {
    await lockFirstOwner(tx)
    if ((await ownerExists(tx)) || !(await consumeLink(tx, 'first_owner', token))) {
      throw new Refusal('conflict', VOID_SET_UP)
    }
    const id = uuidv7()
    const roles: Role[] = ['owner']
    await tx.member.create({ data: { id, name, email, passwordHash, roles } })
    await writeChange(
      tx,
      { kind: 'member', id, name, roles, source: browser.source },
      { action: 'member.add', entity: 'member', entityId: id, label: email, after: { name, email, roles } },
    )
    return startSession(sqlIn(tx), id, browser)
  })
}

/**
 * Uses a reset link up: sets the password, ends the member's sessions and signs them in.
 * @returns the session's id
 * @throws Refusal as `setUpFirstOwner`
 */
export async function resetPassword(input: unknown, browser: Browser): Promise<string> {
  const { token, password } = parseInput(Reset, input)
  if (!(await isLinkLive('reset_password', token))) throw new Refusal('conflict', VOID_RESET)
  const passwordHash = await hashNewPassword(password)
  return database().prisma.$transaction(async tx => {
    const link = await consumeLink(tx, 'reset_password', token)
    const id = link ? link.memberId : null
    const member = id ? await tx.member.findUnique({ where: { id } }) : null
    if (!member || member.disabledAt) throw new Refusal('conflict', VOID_RESET)
    refuseWeakPassword(password, member)
    await tx.member.update({ where: { id: member.id }, data: { passwordHash } })
    await endSessionsOf(sqlIn(tx), member.id)
    await writeChange(
      tx,
      { kind: 'member', id: member.id, name: member.name, roles: member.roles, source: browser.source },
      { action: 'member.password', entity: 'member', entityId: member.id, label: member.email },
    )
    return startSession(sqlIn(tx), member.id, browser)
  })
}
