import { Refusal, refuseField } from '@/lib/auth/refusal'
import type { Transaction } from '@/lib/db/client'
import { uuidv7 } from '@/lib/db/uuid'
import type { ToolDefinition } from '@/lib/policy'
import { nameFor } from './model'

const withServer = { server: { select: { id: true, slug: true } } } as const

/** Finds a policy that is in use. @throws Refusal `not_found`, or `conflict` when its server was removed */
export async function policyById(tx: Transaction, id: string) {
  const policy = await tx.policy.findUnique({ where: { id }, include: withServer })
  if (!policy) throw new Refusal('not_found', 'There is no such policy any more.')
  if (!policy.server && !policy.everyServer)
    throw new Refusal('conflict', `The server of ${policy.name} was removed; its revisions can be read, not added to.`)
  return policy
}
export type PolicyRecord = Awaited<ReturnType<typeof policyById>>

/** The policy of a server (null: of every server), or null when there is none. @throws Refusal `not_found` for the server */
export async function policyFor(tx: Transaction, slug: string | null): Promise<PolicyRecord | null> {
  if (slug === null) return tx.policy.findFirst({ where: { everyServer: true }, include: withServer })
  const server = await serverFor(tx, slug)
  return tx.policy.findUnique({ where: { serverId: server.id }, include: withServer })
}

async function serverFor(tx: Transaction, slug: string) {
  const server = await tx.server.findUnique({ where: { slug }, select: { id: true, slug: true, registryName: true } })
  if (!server)
    throw new Refusal('not_found', `There is no server ${slug}.`, [{ path: 'server', message: 'No such server.' }])
  return server
}

/**
 * Makes a policy without text for a server that has none. One of a removed server with the same name is taken up again.
 * @throws Refusal
 */
export async function makePolicy(tx: Transaction, slug: string | null, wanted?: string): Promise<PolicyRecord> {
  await lockPolicies(tx)
  if (await policyFor(tx, slug))
    throw refuseField('server', `${slug ?? 'Every server'} has a policy already. Edit that one.`)
  const server = slug === null ? null : await serverFor(tx, slug)
  const name = wanted ?? nameFor(server)
  const scope = { serverId: server?.id ?? null, everyServer: server === null }
  const namesake = await tx.policy.findUnique({ where: { name } })
  if (namesake && (namesake.serverId !== null || namesake.everyServer))
    throw refuseField('name', `There is a policy named ${name} already. Choose another name.`)
  if (namesake) return tx.policy.update({ where: { id: namesake.id }, data: scope, include: withServer })
  return tx.policy.create({ data: { id: uuidv7(), name, ...scope }, include: withServer })
}

/** Definitions that a server's policy is checked and tested against: approved ones, else those last seen. */
export async function definitionsFor(tx: Transaction, serverId: string | null): Promise<ToolDefinition[]> {
  if (serverId === null) return []
  const tools = await tx.tool.findMany({ where: { serverId }, orderBy: { position: 'asc' } })
  const rows = await tx.definition.findMany({ where: { serverId, name: { in: tools.map(tool => tool.name) } } })
  const byDigest = new Map(rows.map(row => [row.digest, row.content as unknown as ToolDefinition]))
  return tools.flatMap(({ pinnedDigest, seenDigest, category, risk }) => {
    const definition = byDigest.get(pinnedDigest ?? seenDigest ?? '')
    return definition ? [{ ...definition, category, risk }] : []
  })
}

/** What clears a draft; the version grows, so that an editor that still shows it notices. */
export const noDraft = {
  draft: null,
  draftBase: null,
  draftSavedAt: null,
  draftSavedBy: null,
  draftVersion: { increment: 1 },
} as const

/** Takes the one lock under which policies are made and revisions numbered, until the transaction ends. */
export async function lockPolicies(tx: Transaction): Promise<void> {
  await tx.$queryRaw`SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtext('intercept.publish'))`
}
