'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import type { FormState } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { addSink, pauseSink, removeSink, resumeSink, testSink, updateSink } from '@/lib/audit/sinks/commands'
import { type SinkInput, SinkKind } from '@/lib/audit/sinks/model'
import { currentActor } from '@/lib/auth/current-user'
import { parseInput, Refusal } from '@/lib/auth/refusal'
import { besideFields, readSinkForm } from './read-sink-form'

const text = (data: FormData, name: string) => String(data.get(name) ?? '').trim()

async function besides<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof Refusal ? besideFields(error) : error
  }
}

export async function addSinkAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const kind = parseInput(SinkKind, text(data, 'kind'))
    const { emptied: _emptied, ...form } = readSinkForm(kind, data)
    const start = text(data, 'start') === 'beginning' ? 'beginning' : 'now'
    // The command checks what was typed against the kind.
    const input = { name: text(data, 'name'), kind, start, ...form } as unknown as SinkInput
    const { name } = await besides(() => addSink(actor, input))
    redirect(`/settings/sinks/${name}`)
  })
}

export async function updateSinkAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    const kind = parseInput(SinkKind, text(data, 'kind'))
    const { emptied, settings, secrets, ...form } = readSinkForm(kind, data)
    const removed = Object.fromEntries(data.getAll('removeName').map(name => [String(name), null]))
    const defaults = Object.fromEntries(emptied.map(name => [name, null]))
    const { name } = await besides(() =>
      updateSink(actor, {
        name: text(data, 'name'),
        ...form,
        settings: { ...defaults, ...settings },
        secrets: { ...removed, ...secrets },
      }),
    )
    redirect(`/settings/sinks/${name}`)
  })
}

export async function pauseSinkAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const state = await runAction(data, () => pauseSink(actor, { name: text(data, 'name') }))
  revalidatePath('/settings/sinks', 'layout')
  return state
}

export async function resumeSinkAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  const state = await runAction(data, () => resumeSink(actor, { name: text(data, 'name') }))
  revalidatePath('/settings/sinks', 'layout')
  return state
}

/** What came of a test; `error` null when the receiver took it. */
export interface TestOutcome {
  readonly error: string | null
}

export async function testSinkAction(_: FormState<TestOutcome>, data: FormData): Promise<FormState<TestOutcome>> {
  const actor = await currentActor()
  const state = await runAction(data, async () => {
    const { error } = await testSink(actor, { name: text(data, 'name') })
    return { error }
  })
  revalidatePath('/settings/sinks', 'layout')
  return state
}

export async function removeSinkAction(_: FormState, data: FormData): Promise<FormState> {
  const actor = await currentActor()
  return runAction(data, async () => {
    await removeSink(actor, { name: text(data, 'name') })
    redirect('/settings/sinks')
  })
}
