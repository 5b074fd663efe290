import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import type { ToolDefinition } from '@/lib/policy'
import { classify } from '../classify'
import { Category, riskOf, Slug } from '../model'
import { serverBySlug } from '../server-record'

/** Category null gives the choice back to the classifier. */
const SetToolCategory = z.strictObject({ slug: Slug, tool: z.string().min(1), category: Category.nullable() })

/** Sets a tool's category, and its risk with it, by a person's judgement; scans leave it alone from then on. @throws Refusal */
export async function setToolCategory(
  actor: Actor,
  input: z.input<typeof SetToolCategory>,
): Promise<{ category: Category }> {
  return command(
    actor,
    'server.manage',
    SetToolCategory,
    input,
    async ({ tx, change }, { slug, tool: name, category }) => {
      const server = await serverBySlug(tx, slug)
      const tool = await tx.tool.findUnique({ where: { serverId_name: { serverId: server.id, name } } })
      if (!tool) throw new Refusal('not_found', `Server ${slug} has no tool ${name}. Scan it to see its newest list.`)
      const digest = tool.pinnedDigest ?? tool.seenDigest
      const definition = digest
        ? await tx.definition.findUnique({ where: { serverId_digest: { serverId: server.id, digest } } })
        : null
      const next = category
        ? { category, risk: riskOf[category], source: 'steward' as const }
        : classify((definition?.content as unknown as ToolDefinition | undefined) ?? { name })
      await tx.tool.update({
        where: { id: tool.id },
        data: { category: next.category, risk: next.risk, categorySource: next.source },
      })
      await change({
        action: 'tool.classify',
        entity: 'server',
        entityId: server.id,
        label: `${slug} ${name}`,
        before: { tool: name, category: tool.category, risk: tool.risk, source: tool.categorySource },
        after: { tool: name, ...next },
      })
      return { category: next.category }
    },
  )
}
