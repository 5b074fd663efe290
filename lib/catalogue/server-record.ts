import type { Actor } from '@/lib/auth/model'
import { Refusal, refuseField } from '@/lib/auth/refusal'
import type { Transaction } from '@/lib/db/client'

/** Finds a server by slug. @throws Refusal `not_found` */
export async function serverBySlug(tx: Transaction, slug: string) {
  const server = await tx.server.findUnique({ where: { slug } })
  if (!server)
    throw new Refusal('not_found', `There is no server ${slug}. \`intercept server list\` shows those there are.`)
  return server
}
export type ServerRecord = Awaited<ReturnType<typeof serverBySlug>>

/** The member who answers for a server: the one named, else the member who acts, else nobody yet. */
export async function stewardFor(tx: Transaction, actor: Actor, email: string | undefined): Promise<string | null> {
  if (email === undefined) return actor.kind === 'member' ? actor.id : null
  const member = await tx.member.findUnique({ where: { email: email.toLowerCase() } })
  if (!member || member.disabledAt) throw refuseField('steward', `No active member has the address ${email}.`)
  return member.id
}

/** What change records hold of a server: of environment and headers the names only. */
export function serverFacts(server: ServerRecord) {
  const { slug, title, registryName, stewardId, transport, command, url, allowPrivate, drift, argumentsKept } = server
  const { isShared, isSse } = server
  return {
    slug,
    title,
    registryName,
    stewardId,
    transport,
    ...(transport === 'stdio' ? { command, isShared } : { url, allowPrivate, isSse }),
    drift,
    argumentsKept,
    idleDeadlineSeconds: server.idleDeadlineSeconds,
    deadlineSeconds: server.deadlineSeconds,
    environment: server.environmentNames,
    headers: server.headerNames,
  }
}
