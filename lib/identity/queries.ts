import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { database } from '@/lib/db/current'
import { readGrantedServers } from './granted-tools'
import { type IdentityKind, Labels, stateAt } from './model'
import type { GrantView, IdentityRow, IdentityView, KeyView } from './views'

export type { GrantedServer, GrantedTool, GrantView, IdentityRow, IdentityView, KeyView } from './views'

/** Rows of one page of a list. */
const PAGE = 100
const LIVE_MAX = 500
const ENDED_MAX = 100

/** One page of identities by name. `next` is the name to go on after, null at the end. */
export interface IdentityList {
  identities: IdentityRow[]
  next: string | null
}

/**
 * Identities by name, 100 a page.
 * @param filter `search` is a part of the name; `after` the last name of the page before
 */
export async function readIdentities(
  actor: Actor,
  filter: { search?: string; after?: string } = {},
): Promise<IdentityList> {
  authorise(actor, 'read')
  const rows = await database().sql.query<Omit<IdentityRow, 'labels'> & { labels: unknown; kind: IdentityKind }>(
    `SELECT i.id, i.name, i.kind::text AS kind, i.labels, m.name AS steward, i.disabled_at AS "disabledAt",
       i.created_at AS "createdAt",
       (SELECT count(*)::int FROM keys k WHERE k.identity_id = i.id AND k.revoked_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > now())) AS "liveKeys",
       (SELECT count(*)::int FROM grants g WHERE g.identity_id = i.id AND g.revoked_at IS NULL
          AND (g.until IS NULL OR g.until > now())) AS "liveGrants",
       (SELECT max(k.last_used_at) FROM keys k WHERE k.identity_id = i.id) AS "lastUsedAt"
     FROM identities i LEFT JOIN members m ON m.id = i.steward_id
     WHERE ($1 = '' OR strpos(lower(i.name), lower($1)) > 0) AND i.name > $2
     ORDER BY i.name LIMIT $3::int`,
    [filter.search ?? '', filter.after ?? '', PAGE + 1],
  )
  const identities = rows.slice(0, PAGE).map(row => ({ ...row, labels: readLabels(row.labels) }))
  return { identities, next: rows.length > PAGE ? (identities.at(-1)?.name ?? null) : null }
}

/** One identity with its keys, its grants and the tools they cover. @throws Refusal `not_found` */
export async function readIdentity(actor: Actor, name: string): Promise<IdentityView> {
  authorise(actor, 'read')
  const { prisma } = database()
  const identity = await prisma.identity.findUnique({ where: { name } })
  if (!identity) throw new Refusal('not_found', `There is no identity named ${JSON.stringify(name)}.`)
  const [steward, keys, grants] = await Promise.all([
    identity.stewardId
      ? prisma.member.findUnique({ where: { id: identity.stewardId }, select: { name: true } })
      : Promise.resolve(null),
    readKeys(identity.id),
    readGrants(actor, { identity: name }),
  ])
  const live = grants.filter(grant => grant.state === 'live')
  const { id, kind, labels, disabledAt, createdAt } = identity
  return {
    identity: { id, name, kind, labels: readLabels(labels), steward: steward?.name ?? null, disabledAt, createdAt },
    keys,
    grants,
    servers: await readGrantedServers(live),
  }
}

/** Grants of one identity or server when named, else of all: at most 500 live ones, then 100 ended, newest first. */
export async function readGrants(
  actor: Actor,
  filter: { identity?: string; server?: string } = {},
): Promise<GrantView[]> {
  authorise(actor, 'read')
  const now = new Date()
  const of = {
    ...(filter.identity === undefined ? {} : { identity: { name: filter.identity } }),
    ...(filter.server === undefined ? {} : { server: { slug: filter.server } }),
  }
  const read = (where: object, take: number) =>
    database().prisma.grant.findMany({
      where: { AND: [of, where] },
      omit: { identityId: true, serverId: true },
      include: { identity: { select: { name: true } }, server: { select: { slug: true } } },
      orderBy: { id: 'desc' },
      take,
    })
  const [live, ended] = await Promise.all([
    read({ revokedAt: null, OR: [{ until: null }, { until: { gt: now } }] }, LIVE_MAX),
    read({ OR: [{ revokedAt: { not: null } }, { until: { lte: now } }] }, ENDED_MAX),
  ])
  return [...live, ...ended].map(({ identity, server, ...grant }) => ({
    ...grant,
    identity: identity.name,
    server: server.slug,
    state: stateAt(grant, now),
  }))
}

async function readKeys(identityId: string): Promise<KeyView[]> {
  const now = new Date()
  const read = (where: object, take: number) =>
    database().prisma.key.findMany({
      where: { AND: [{ identityId }, where] },
      // What is not read cannot be shown.
      omit: { hash: true, identityId: true },
      orderBy: { id: 'desc' },
      take,
    })
  const [live, ended] = await Promise.all([
    read({ revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] }, LIVE_MAX),
    read({ OR: [{ revokedAt: { not: null } }, { expiresAt: { lte: now } }] }, ENDED_MAX),
  ])
  return [...live, ...ended].map(key => ({
    ...key,
    state: stateAt({ until: key.expiresAt, revokedAt: key.revokedAt }, now),
  }))
}

function readLabels(labels: unknown): Record<string, string> {
  return Labels.catch({}).parse(labels)
}
