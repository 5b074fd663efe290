import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'

/** Values that the filter menu offers, and where a citation leads. */
export interface FacetsView {
  servers: string[]
  tools: string[]
  identities: string[]
  proxies: string[]
  /** Names of policies by server slug; `*` is the every-server document. */
  policies: Record<string, string>
}

/** Past this many the menu takes what is typed. */
const MOST_VALUES = 500

/** The catalogue's words, not the record's: asking ten million records for their distinct tools is no menu. @throws Refusal */
export async function readFacets(actor: Actor): Promise<FacetsView> {
  authorise(actor, 'read')
  const { prisma } = database()
  const [servers, tools, identities, proxies, policies] = await Promise.all([
    prisma.server.findMany({ select: { slug: true }, orderBy: { slug: 'asc' }, take: MOST_VALUES }),
    prisma.tool.findMany({ select: { name: true }, distinct: ['name'], orderBy: { name: 'asc' }, take: MOST_VALUES }),
    prisma.identity.findMany({ select: { name: true }, orderBy: { name: 'asc' }, take: MOST_VALUES }),
    prisma.proxy.findMany({ select: { name: true }, orderBy: { name: 'asc' }, take: MOST_VALUES }),
    prisma.policy.findMany({
      where: { OR: [{ serverId: { not: null } }, { everyServer: true }] },
      select: { name: true, server: { select: { slug: true } } },
      take: MOST_VALUES,
    }),
  ])
  return {
    servers: servers.map(server => server.slug),
    tools: tools.map(tool => tool.name),
    identities: identities.map(identity => identity.name),
    proxies: proxies.map(proxy => proxy.name),
    policies: Object.fromEntries(policies.map(policy => [policy.server?.slug ?? '*', policy.name])),
  }
}
