'use server'

import { revalidatePath } from 'next/cache'
import type { FormState } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { addMember, disableMember, enableMember, resetMember } from '@/lib/auth/commands'
import { currentActor } from '@/lib/auth/current-user'
import { Role } from '@/lib/auth/model'
import { parseInput } from '@/lib/auth/refusal'

/** A one-time link to hand to a member. */
export interface MemberLink {
  readonly email: string
  readonly link: string
}

const text = (data: FormData, name: string) => String(data.get(name) ?? '').trim()

export async function addMemberAction(_: FormState<MemberLink>, data: FormData): Promise<FormState<MemberLink>> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const email = text(data, 'email')
    const roles = parseInput(Role.array(), data.getAll('roles'))
    const { link } = await addMember(actor, { email, name: text(data, 'name'), roles })
    return { email, link }
  })
}

export async function resetMemberAction(_: FormState<MemberLink>, data: FormData): Promise<FormState<MemberLink>> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const email = text(data, 'email')
    return { email, link: (await resetMember(actor, { email })).link }
  })
}

export async function disableMemberAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const state = await runAction(data, () => disableMember(actor, { email: text(data, 'email') }))
  revalidatePath('/settings')
  return state
}

export async function enableMemberAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const state = await runAction(data, () => enableMember(actor, { email: text(data, 'email') }))
  revalidatePath('/settings')
  return state
}
