'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import type { FormState } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { currentActor } from '@/lib/auth/current-user'
import { parseInput } from '@/lib/auth/refusal'
import {
  addServer,
  approveTools,
  removeServer,
  type ScanResult,
  scanServer,
  setToolCategory,
  updateServer,
} from '@/lib/catalogue/commands'
import { Category } from '@/lib/catalogue/model'
import { readPairs, readServerForm } from './read-server-form'

const text = (data: FormData, name: string) => String(data.get(name) ?? '').trim()

export async function addServerAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const { slug } = await addServer(actor, { slug: text(data, 'slug'), ...readServerForm(data) })
    redirect(`/servers/${slug}`)
  })
}

/** What a scan found, in numbers. */
export type ScanSummary = Record<'tools' | 'added' | 'changed' | 'missing', number>

export async function scanServerAction(_: FormState<ScanSummary>, data: FormData): Promise<FormState<ScanSummary>> {
  const actor = await currentActor()
  const state = await runAction(data, async () => summaryOf(await scanServer(actor, { slug: text(data, 'slug') })))
  revalidatePath(`/servers/${text(data, 'slug')}`, 'layout')
  return state
}

function summaryOf({ tools, added, changed, missing }: ScanResult): ScanSummary {
  return { tools: tools.length, added: added.length, changed: changed.length, missing: missing.length }
}

/** `shown` fields carry `<digest> <tool>` for each definition on the page; `tool` fields the ones that were ticked. */
export async function approveToolsAction(_: FormState<number>, data: FormData): Promise<FormState<number>> {
  const actor = await currentActor()
  const slug = text(data, 'slug')
  const digests = Object.fromEntries(
    data.getAll('shown').map(pair => [String(pair).slice(65), String(pair).slice(0, 64)]),
  )
  const chosen = data.get('approve') === 'all' ? Object.keys(digests) : data.getAll('tool').map(String)
  const state = await runAction(data, async () => {
    const { approved } = await approveTools(actor, { slug, tools: chosen, digests })
    return approved.length
  })
  revalidatePath(`/servers/${slug}`, 'layout')
  // The issues are about tools, not about fields: the sentence says them.
  return { ...state, errors: {} }
}

export async function setToolCategoryAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const slug = text(data, 'slug')
  const state = await runAction(data, () => {
    const category = parseInput(Category.nullable(), text(data, 'category') || null)
    return setToolCategory(actor, { slug, tool: text(data, 'tool'), category })
  })
  revalidatePath(`/servers/${slug}`, 'layout')
  return state
}

export async function updateServerAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const slug = text(data, 'slug')
  return runAction(data, async () => {
    const { transport: _transport, ...form } = readServerForm(data)
    const removed = Object.fromEntries(data.getAll('removeName').map(name => [String(name), null]))
    const kind = text(data, 'transport') === 'http' ? 'header' : 'environment'
    const pairs = { [kind === 'header' ? 'headers' : 'environment']: { ...removed, ...readPairs(data, kind) } }
    const kept = { drift: text(data, 'drift'), argumentsKept: text(data, 'argumentsKept') }
    await updateServer(actor, { ...form, ...pairs, ...kept, registryName: text(data, 'registryName') || null, slug })
    redirect(`/servers/${slug}`)
  })
}

export async function removeServerAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    await removeServer(actor, { slug: text(data, 'slug') })
    redirect('/servers')
  })
}
