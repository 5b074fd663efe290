'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import type { FormState } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { currentActor } from '@/lib/auth/current-user'
import { parseInput } from '@/lib/auth/refusal'
import {
  addGrant,
  addIdentity,
  disableIdentity,
  enableIdentity,
  issueKey,
  revokeGrant,
  revokeKey,
} from '@/lib/identity/commands'
import { IdentityKind } from '@/lib/identity/model'
import { endOf } from './end-of'
import { labelsOf, namesOf } from './read-identity-form'

const text = (data: FormData, name: string) => String(data.get(name) ?? '').trim()

export async function addIdentityAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const kind = parseInput(IdentityKind, text(data, 'kind'))
    const steward = text(data, 'steward')
    const labels = labelsOf(text(data, 'labels'))
    const { name } = await addIdentity(actor, {
      name: text(data, 'name'),
      kind,
      labels,
      ...(steward ? { steward } : {}),
    })
    redirect(`/identities/${encodeURIComponent(name)}`)
  })
}

export async function disableIdentityAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return refreshed(await runAction(data, () => disableIdentity(actor, { identity: text(data, 'identity') })))
}

export async function enableIdentityAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return refreshed(await runAction(data, () => enableIdentity(actor, { identity: text(data, 'identity') })))
}

export async function addGrantAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const state = await runAction(data, () =>
    addGrant(actor, {
      identity: text(data, 'identity'),
      server: text(data, 'server'),
      tools: namesOf(text(data, 'tools')),
      until: endOf(text(data, 'until'), text(data, 'day'), 'day'),
      reason: text(data, 'reason'),
    }),
  )
  return refreshed(state)
}

export async function revokeGrantAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return refreshed(await runAction(data, () => revokeGrant(actor, { id: text(data, 'id') })))
}

/** Answers with the key itself, this once. */
export async function issueKeyAction(
  _: FormState<{ key: string; prefix: string }>,
  data: FormData,
): Promise<FormState<{ key: string; prefix: string }>> {
  const actor = await currentActor()
  // Not refreshed here: the page behind the dialog is, once the key is stored.
  return runAction(data, () => {
    const expiresAt = endOf(text(data, 'until'), text(data, 'day'), 'day')
    return issueKey(actor, { identity: text(data, 'identity'), expiresAt })
  })
}

export async function revokeKeyAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return refreshed(await runAction(data, () => revokeKey(actor, { key: text(data, 'key') })))
}

function refreshed<Result>(state: FormState<Result>): FormState<Result> {
  revalidatePath('/identities', 'layout')
  return state
}
