import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { Note, PolicyText } from '../model'
import { noDraft, policyById } from '../policy-record'
import { type Published, publishText } from '../publish'

const PublishPolicy = z.strictObject({
  policyId: z.uuid(),
  text: PolicyText,
  note: Note.default(''),
  /** Number of the revision that the text started from, 0 for none. Left out, nobody is asked. */
  base: z.int().min(0).optional(),
  /** Version of the draft that is published; another one means that somebody saved in between. */
  version: z.int().min(0).optional(),
})

/**
 * Publishes a text as the next revision, and clears the draft.
 * @throws Refusal `invalid` with the document's errors, `conflict` when somebody published or saved in between
 */
export async function publishPolicy(actor: Actor, input: z.input<typeof PublishPolicy>): Promise<Published> {
  return command(actor, 'policy.publish', PublishPolicy, input, async (work, { policyId, version, ...publication }) => {
    const policy = await policyById(work.tx, policyId)
    if (version !== undefined && version !== policy.draftVersion) {
      const by = policy.draftSavedBy ?? 'Somebody'
      throw new Refusal('conflict', `${by} saved another draft of ${policy.name}. Reload, and look at it first.`)
    }
    const published = await publishText(work, actor, policy, { base: undefined, ...publication })
    await work.tx.policy.update({ where: { id: policyId }, data: noDraft })
    return published
  })
}
