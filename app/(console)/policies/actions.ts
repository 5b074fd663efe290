'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import type { FormState } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { currentActor } from '@/lib/auth/current-user'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { readServer } from '@/lib/catalogue/queries'
import { createPolicy, discardDraft, publishPolicy, saveDraft } from '@/lib/policy-store/commands'
import { readPolicy, readRevision } from '@/lib/policy-store/queries'
import { startingText } from './starting-text'

/** What became of a press in the publish bar. */
export type PolicyAnswer =
  | { readonly kind: 'saved'; readonly text: string; readonly version: number }
  | { readonly kind: 'published'; readonly text: string; readonly revision: number; readonly version: number }
  | { readonly kind: 'discarded'; readonly version: number }
  /** Somebody saved or published in between: theirs is here to compare with; nothing was written. */
  | {
      readonly kind: 'conflict'
      readonly message: string
      readonly theirs: string
      /** What was sent, so that it is not lost where scripts do not run. */
      readonly mine: string
      readonly version: number
      readonly base: number
    }

const text = (data: FormData, name: string) => String(data.get(name) ?? '')
const number = (data: FormData, name: string) => Number(text(data, name) || 0)

/** Forms send line ends as CR LF; policies are kept as they are typed. */
const typed = (data: FormData) => text(data, 'text').replaceAll('\r\n', '\n')

/** Saves, publishes or discards, by the button that was pressed (`intent`). */
export async function policyAction(_: FormState<PolicyAnswer>, data: FormData): Promise<FormState<PolicyAnswer>> {
  const actor = await currentActor()
  const name = text(data, 'policy')
  const opened = { text: typed(data), version: number(data, 'version'), base: number(data, 'base') }
  const state = await runAction(data, () => answered(actor, name, opened, () => press(actor, data)))
  revalidatePath('/policies', 'layout')
  return state
}

async function press(actor: Actor, data: FormData): Promise<PolicyAnswer> {
  const policyId = text(data, 'policyId')
  const intent = text(data, 'intent')
  if (intent === 'discard') {
    const { version } = await discardDraft(actor, { policyId })
    return { kind: 'discarded', version }
  }
  const draft = { policyId, text: typed(data), version: number(data, 'version') }
  if (intent === 'publish') {
    const { revision } = await publishPolicy(actor, {
      ...draft,
      note: text(data, 'note').trim(),
      base: number(data, 'base'),
    })
    const { draftVersion } = await readPolicy(actor, text(data, 'policy'))
    return { kind: 'published', text: draft.text, revision, version: draftVersion }
  }
  const { version } = await saveDraft(actor, draft)
  return { kind: 'saved', text: draft.text, version }
}

async function answered(
  actor: Actor,
  name: string,
  opened: { text: string; version: number; base: number },
  run: () => Promise<PolicyAnswer>,
): Promise<PolicyAnswer> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== 'conflict') throw error
    const { draft, text: inForce, draftVersion, revision } = await readPolicy(actor, name)
    const base = revision?.number ?? 0
    const isTextual = draftVersion !== opened.version || base !== opened.base
    if (!isTextual) throw error
    const message = draft
      ? `${draft.savedBy} saved a draft after you opened this text.`
      : `${revision?.publishedBy ?? 'Somebody'} changed what this text started from: ${revision ? `r${base} is in force` : 'nothing is in force'}.`
    return { kind: 'conflict', message, theirs: draft?.text ?? inForce, mine: opened.text, version: draftVersion, base }
  }
}

/** Writes the first draft for a server that has no policy, naming each of its tools. */
export async function createPolicyAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const server = await readServer(actor, text(data, 'server'))
    const tools = server.tools.flatMap(({ definition, pinned, category, risk }) => {
      const known = pinned ?? definition
      return known ? [{ ...known, category, risk }] : []
    })
    const { name } = await createPolicy(actor, { server: server.slug, text: startingText(server.title, tools) })
    redirect(`/policies/${name}`)
  })
}

/** Makes the text of an earlier revision the draft. */
export async function restoreAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const revision = await readRevision(actor, number(data, 'revision'))
    const { id, draftVersion, name } = await readPolicy(actor, revision.policy.name)
    await saveDraft(actor, { policyId: id, text: revision.text, version: draftVersion })
    redirect(`/policies/${name}`)
  })
}
