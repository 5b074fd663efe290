import { Refusal } from '@/lib/auth/refusal'
import type { Transaction } from '@/lib/db/client'
import { type SinkKind, SinkKind as SinkKinds } from './model'

/** Finds a sink by name. @throws Refusal `not_found` */
export async function sinkByName(tx: Transaction, name: string) {
  const sink = await tx.sink.findUnique({ where: { name } })
  if (!sink) throw new Refusal('not_found', `There is no sink ${name}. \`intercept sink list\` shows those there are.`)
  return { ...sink, kind: SinkKinds.parse(sink.kind) as SinkKind, settings: sink.settings as Record<string, unknown> }
}
export type SinkRecord = Awaited<ReturnType<typeof sinkByName>>

/** What change records hold of a sink: of its secrets the names only. */
export function sinkFacts(
  sink: Pick<
    SinkRecord,
    'name' | 'kind' | 'settings' | 'secretNames' | 'effects' | 'servers' | 'withArguments' | 'pausedAt'
  >,
) {
  const { name, kind, settings, secretNames, effects, servers, withArguments, pausedAt } = sink
  return { name, kind, settings, effects, servers, withArguments, isPaused: pausedAt !== null, secrets: secretNames }
}
