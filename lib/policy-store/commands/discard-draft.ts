import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { changedLines } from '../changed-lines'
import { noDraft, policyById } from '../policy-record'

const DiscardDraft = z.strictObject({ policyId: z.uuid() })

/** Throws the draft away; the newest revision is the text again. @throws Refusal `conflict` when there is no draft */
export async function discardDraft(actor: Actor, input: z.input<typeof DiscardDraft>): Promise<{ version: number }> {
  return command(actor, 'policy.edit', DiscardDraft, input, async ({ tx, change }, { policyId }) => {
    const policy = await policyById(tx, policyId)
    if (policy.draft === null) throw new Refusal('conflict', `${policy.name} has no draft.`)
    const newest = await tx.revision.findFirst({ where: { policyId }, orderBy: { number: 'desc' } })
    const { draftVersion } = await tx.policy.update({ where: { id: policyId }, data: noDraft })
    await change({
      action: 'draft.discard',
      entity: 'policy',
      entityId: policyId,
      label: policy.name,
      before: { savedBy: policy.draftSavedBy, lines: changedLines(newest?.text ?? '', policy.draft) },
    })
    return { version: draftVersion }
  })
}
