import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Slug } from '../model'
import { serverBySlug, serverFacts } from '../server-record'

const RemoveServer = z.strictObject({ slug: Slug })

/**
 * Removes a server with its credentials, tools, definitions and grants. Its policy's revisions and its decision records stay.
 * @throws Refusal
 */
export async function removeServer(
  actor: Actor,
  input: z.input<typeof RemoveServer>,
): Promise<{ slug: string; grants: number }> {
  return command(actor, 'server.manage', RemoveServer, input, async ({ tx, change }, { slug }) => {
    const server = await serverBySlug(tx, slug)
    const grants = await tx.grant.count({ where: { serverId: server.id, revokedAt: null } })
    const tools = await tx.tool.count({ where: { serverId: server.id } })
    await tx.server.delete({ where: { id: server.id } })
    await change({
      action: 'server.remove',
      entity: 'server',
      entityId: server.id,
      label: slug,
      before: { ...serverFacts(server), tools, grants },
    })
    return { slug, grants }
  })
}
