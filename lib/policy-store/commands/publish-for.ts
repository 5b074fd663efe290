import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Note, PolicyName, PolicyServer, PolicyText } from '../model'
import { lockPolicies, makePolicy, noDraft, policyFor } from '../policy-record'
import { type Published, publishText } from '../publish'

const PublishFor = z.strictObject({
  server: PolicyServer,
  text: PolicyText,
  note: Note.default(''),
  /** For a policy that does not exist yet. */
  name: PolicyName.optional(),
})

/**
 * Publishes a file for a server (null: every server), making its policy when there is none. A draft that somebody is
 * editing stays; publishing it then asks to look at this revision first.
 * @throws Refusal `invalid` with the document's errors
 */
export async function publishFor(
  actor: Actor,
  input: z.input<typeof PublishFor>,
): Promise<Published & { name: string; policyId: string }> {
  return command(actor, 'policy.publish', PublishFor, input, async (work, { server, text, note, name }) => {
    // Two who publish the first file of a server at once: the second finds the policy that the first made.
    await lockPolicies(work.tx)
    const policy = (await policyFor(work.tx, server)) ?? (await makePolicy(work.tx, server, name))
    const published = await publishText(work, actor, policy, { text, note, base: undefined })
    if (policy.draft === text) await work.tx.policy.update({ where: { id: policy.id }, data: noDraft })
    return { ...published, name: policy.name, policyId: policy.id }
  })
}
