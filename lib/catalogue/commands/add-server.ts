import type { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { sqlIn, type Transaction } from '@/lib/db/client'
import { uuidv7 } from '@/lib/db/uuid'
import { readEnv } from '@/lib/env'
import { sealCredentials } from '../credentials'
import { ServerInput } from '../model'
import { serverFacts, stewardFor } from '../server-record'

/**
 * Adds a server (`ServerInput`). Its tools are unknown until it is scanned, and refused until they are approved.
 * @throws Refusal
 */
export async function addServer(
  actor: Actor,
  input: z.input<typeof ServerInput>,
): Promise<{ id: string; slug: string }> {
  return command(actor, 'server.manage', ServerInput, input, async ({ tx, change }, server) => {
    if (await tx.server.findUnique({ where: { slug: server.slug } })) {
      const message = `There is a server ${server.slug} already. Choose another slug, or remove that one first.`
      throw new Refusal('conflict', message, [{ path: 'slug', message }])
    }
    const id = uuidv7()
    const environment = server.transport === 'stdio' ? server.environment : {}
    const headers = server.transport === 'http' ? server.headers : {}
    const added = await tx.server.create({
      data: {
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
      },
    })
    const policy = await bindPolicyInForce(tx, id, server.slug)
    await change({
      action: 'server.add',
      entity: 'server',
      entityId: id,
      label: server.slug,
      after: { ...serverFacts(added), ...(policy ? { policy } : {}) },
    })
    return { id, slug: server.slug }
  })
}

/**
 * The newest bundle may still hold the document of a removed server of this slug. Proxies would judge the new one by it,
 * so it is shown as the new one's policy.
 */
async function bindPolicyInForce(tx: Transaction, serverId: string, slug: string): Promise<string | null> {
  const [bound] = await sqlIn(tx).query<{ name: string }>(
    `UPDATE policies SET server_id = $1::uuid
     WHERE server_id IS NULL AND NOT every_server AND name = (
       SELECT p->>'name' FROM jsonb_array_elements((SELECT policies FROM bundles ORDER BY number DESC LIMIT 1)) AS p WHERE p->>'server' = $2)
     RETURNING name`,
    [serverId, slug],
  )
  return bound?.name ?? null
}
