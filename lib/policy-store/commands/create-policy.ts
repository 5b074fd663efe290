import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { PolicyName, PolicyServer, PolicyText } from '../model'
import { makePolicy } from '../policy-record'

const NewPolicy = z.strictObject({
  server: PolicyServer,
  /** Left out, the registry name or the slug names it. */
  name: PolicyName.optional(),
  text: PolicyText.default(''),
})

/** Makes a policy with a first draft; nothing is in force until it is published. @throws Refusal */
export async function createPolicy(
  actor: Actor,
  input: z.input<typeof NewPolicy>,
): Promise<{ policyId: string; name: string; version: number }> {
  return command(actor, 'policy.edit', NewPolicy, input, async ({ tx, change }, { server, name, text }) => {
    const policy = await makePolicy(tx, server, name)
    const { draftVersion } = await tx.policy.update({
      where: { id: policy.id },
      data: {
        draft: text,
        draftBase: null,
        draftVersion: { increment: 1 },
        draftSavedAt: new Date(),
        draftSavedBy: actor.name,
      },
    })
    await change({
      action: 'policy.create',
      entity: 'policy',
      entityId: policy.id,
      label: policy.name,
      after: { name: policy.name, server },
    })
    return { policyId: policy.id, name: policy.name, version: draftVersion }
  })
}
