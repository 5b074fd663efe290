import { database } from '@/lib/db/current'
import { grantCovers } from './model'
import type { GrantedServer, GrantView } from './views'

/** Servers that an identity page shows, and tools of each. */
const SERVERS_MAX = 50
const TOOLS_MAX = 1_000

/** The servers that these live grants name, with every tool of theirs and the grants that cover it. */
export async function readGrantedServers(live: readonly GrantView[]): Promise<GrantedServer[]> {
  const slugs = [...new Set(live.map(grant => grant.server))].slice(0, SERVERS_MAX)
  if (slugs.length === 0) return []
  const servers = await database().prisma.server.findMany({
    where: { slug: { in: slugs } },
    select: {
      slug: true,
      title: true,
      tools: {
        select: { name: true, category: true, risk: true, pinnedDigest: true, missingSince: true },
        orderBy: { position: 'asc' },
        take: TOOLS_MAX,
      },
    },
    orderBy: { slug: 'asc' },
  })
  return servers.map(({ slug, title, tools }) => {
    const here = live.filter(grant => grant.server === slug)
    return {
      slug,
      title,
      tools: tools.map(({ pinnedDigest, ...tool }) => ({
        ...tool,
        approved: pinnedDigest !== null,
        grants: here.filter(grant => grantCovers(grant.tools, tool.name)).map(grant => grant.id),
      })),
    }
  })
}
