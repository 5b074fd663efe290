import type { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { sqlIn, type Transaction } from '@/lib/db/client'
import { uuidv7 } from '@/lib/db/uuid'
import { readEnv } from '@/lib/env'
import { sealCredentials } from '../credentials'
import { ServerInput } from '../model'
import { serverBySlug, serverFacts, stewardFor } from '../server-record'

/**
 * Adds a server (`ServerInput`). Its tools are unknown until it is scanned, and refused until they are approved.
 * @throws Refusal
 */
export async function addServer(
  actor: Actor,
  input: z.input<typeof ServerInput>,
): Promise<{ id: string; slug: string }> {
  return command(actor, 'server.manage', ServerInput, input, async ({ tx, change }, server) => {
    const id = uuidv7()
    const environment = server.transport === 'stdio' ? server.environment : {}
    const headers = server.transport === 'http' ? server.headers : {}
    const data = {
      id,
      slug: server.slug,
      title: server.title?.trim() || server.slug,
      registryName: server.registryName ?? null,
      stewardId: await stewardFor(tx, actor, server.steward),
      transport: server.transport,
      command: server.transport === 'stdio' ? server.command : [],
      url: server.transport === 'http' ? server.url : null,
      allowPrivate: server.transport === 'http' && server.allowPrivate,
      sealed: sealCredentials(readEnv().secret, id, { environment, headers }),
      environmentNames: Object.keys(environment),
      headerNames: Object.keys(headers),
      drift: server.drift,
      argumentsKept: server.argumentsKept,
      idleDeadlineSeconds: server.idleDeadlineSeconds,
      deadlineSeconds: server.deadlineSeconds,
      isShared: server.transport === 'stdio' && server.isShared,
      isSse: server.transport === 'http' && server.isSse,
    }
    // Two who add one slug at once: the second waits here and then finds it taken.
    const { count } = await tx.server.createMany({ data: [data], skipDuplicates: true })
    if (count === 0) {
      const message = `There is a server ${server.slug} already. Choose another slug, or remove that one first.`
      throw new Refusal('conflict', message, [{ path: 'slug', message }])
    }
    const policy = await bindPolicyInForce(tx, id, server.slug)
    await change({
      action: 'server.add',
      entity: 'server',
      entityId: id,
      label: server.slug,
      after: { ...serverFacts(await serverBySlug(tx, server.slug)), ...(policy ? { policy } : {}) },
    })
    return { id, slug: server.slug }
  })
}

/**
 * The newest bundle may still hold the document of a removed server of this slug. Proxies would judge the new one by it,
 * so it is shown as the new one's policy.
 */
async function bindPolicyInForce(tx: Transaction, serverId: string, slug: string): Promise<string | null> {
  // The lock of publishing: a bundle made meanwhile would leave this policy out.
  await tx.$queryRaw`SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtext('intercept.publish'))`
  const [bound] = await sqlIn(tx).query<{ name: string }>(
    `UPDATE policies SET server_id = $1::uuid
     WHERE server_id IS NULL AND NOT every_server AND name = (
       SELECT p->>'name' FROM jsonb_array_elements((SELECT policies FROM bundles ORDER BY number DESC LIMIT 1)) AS p WHERE p->>'server' = $2)
     RETURNING name`,
    [serverId, slug],
  )
  return bound?.name ?? null
}
