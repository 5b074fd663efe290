import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import type { Diagnostic } from '@/lib/policy'
import { changedLines } from '../changed-lines'
import { judge } from '../judge'
import { PolicyText } from '../model'
import { definitionsFor, policyById } from '../policy-record'

/** `version` is the draft's version as it was read; it grows with each save. */
const DraftInput = z.strictObject({ policyId: z.uuid(), text: PolicyText, version: z.int().min(0) })

/**
 * Saves the text being edited, with or without errors in it.
 * @throws Refusal `conflict` when somebody saved another draft since `version` was read
 */
export async function saveDraft(
  actor: Actor,
  input: z.input<typeof DraftInput>,
): Promise<{ version: number; diagnostics: readonly Diagnostic[] }> {
  return command(actor, 'policy.edit', DraftInput, input, async ({ tx, change }, { policyId, text, version }) => {
    const policy = await policyById(tx, policyId)
    const newest = await tx.revision.findFirst({ where: { policyId }, orderBy: { number: 'desc' } })
    const isFirst = policy.draft === null
    const { count } = await tx.policy.updateMany({
      where: { id: policyId, draftVersion: version },
      data: {
        draft: text,
        draftVersion: { increment: 1 },
        draftSavedAt: new Date(),
        draftSavedBy: actor.name,
        ...(isFirst ? { draftBase: newest?.number ?? null } : {}),
      },
    })
    if (count === 0) {
      const by = policy.draftSavedBy ?? 'Somebody'
      const message = `${by} saved or published another text of ${policy.name} after you opened it. Reload, and keep a copy of yours.`
      throw new Refusal('conflict', message)
    }
    await change({
      action: 'draft.save',
      entity: 'policy',
      entityId: policyId,
      label: policy.name,
      after: { version: version + 1, lines: changedLines(policy.draft ?? newest?.text ?? '', text) },
    })
    const { diagnostics } = judge(text, await definitionsFor(tx, policy.serverId))
    return { version: version + 1, diagnostics }
  })
}
