import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal, refuseField } from '@/lib/auth/refusal'
import { uuidv7 } from '@/lib/db/uuid'
import { GrantedTools, Moment } from '../model'
import { findIdentity } from './find-identity'

/** Proxies hold every live grant in memory; beyond this one writes a glob. */
const LIVE_GRANTS_MAX = 200

const NewGrant = z.object({
  identity: z.string(),
  /** Server slug. */
  server: z.string().trim(),
  tools: GrantedTools,
  until: Moment.nullish(),
  reason: z.string().trim().max(500, 'A reason has at most 500 characters.').default(''),
})
const OneGrant = z.object({ id: z.uuid('This is not the id of a grant. The list of grants shows ids.') })

/**
 * Grants tools of a server to an identity, until a time or until revoked.
 * @throws Refusal `not_found` when identity or server does not exist, `invalid` with what to mend, `conflict`
 */
export function addGrant(actor: Actor, input: z.input<typeof NewGrant>): Promise<{ id: string }> {
  return command(actor, 'identity.manage', NewGrant, input, async ({ tx, change }, grant) => {
    const now = new Date()
    if (grant.until && grant.until <= now)
      throw refuseField('until', 'A grant ends in the future. Choose a later time.')
    const identity = await findIdentity(tx, grant.identity)
    if (identity.disabledAt) throw new Refusal('conflict', `${identity.name} is disabled. Enable it first.`)
    const server = await tx.server.findUnique({ where: { slug: grant.server }, select: { id: true, slug: true } })
    if (!server) {
      const message = `There is no server ${JSON.stringify(grant.server)}. Add it first, or look its slug up under Servers.`
      throw new Refusal('not_found', message, [{ path: 'server', message }])
    }
    const live = { identityId: identity.id, revokedAt: null, OR: [{ until: null }, { until: { gt: now } }] }
    if ((await tx.grant.count({ where: live })) >= LIVE_GRANTS_MAX) {
      throw new Refusal(
        'conflict',
        `${identity.name} has ${LIVE_GRANTS_MAX} live grants. Write a glob, or revoke some first.`,
      )
    }
    const id = uuidv7()
    const terms = { tools: grant.tools, until: grant.until ?? null, reason: grant.reason }
    await tx.grant.create({
      data: { id, identityId: identity.id, serverId: server.id, createdBy: actor.name, ...terms },
    })
    const after = { identity: identity.name, server: server.slug, ...terms }
    await change({
      action: 'grant.add',
      entity: 'grant',
      entityId: id,
      label: `${identity.name} on ${server.slug}`,
      after,
    })
    return { id }
  })
}

/** Ends a grant at once. @throws Refusal `not_found`, `conflict` when it is revoked already */
export function revokeGrant(
  actor: Actor,
  input: z.input<typeof OneGrant>,
): Promise<{ identity: string; server: string }> {
  return command(actor, 'identity.manage', OneGrant, input, async ({ tx, change }, { id }) => {
    const grant = await tx.grant.findUnique({ where: { id }, include: { identity: true, server: true } })
    if (!grant) throw new Refusal('not_found', `There is no grant ${id}.`)
    const data = { revokedAt: new Date(), revokedBy: actor.name }
    const { count } = await tx.grant.updateMany({ where: { id, revokedAt: null }, data })
    const [identity, server] = [grant.identity.name, grant.server.slug]
    if (count === 0) throw new Refusal('conflict', `This grant of ${identity} on ${server} is revoked already.`)
    const before = { identity, server, tools: grant.tools, until: grant.until, revokedAt: null }
    const record = { entity: 'grant', entityId: id, label: `${identity} on ${server}` }
    await change({ ...record, action: 'grant.revoke', before, after: { ...before, revokedAt: data.revokedAt } })
    return { identity, server }
  })
}
