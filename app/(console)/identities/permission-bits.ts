import type { Category } from '@/lib/catalogue/model'
import type { ServerView } from '@/lib/catalogue/queries'
import { grantCovers } from '@/lib/identity/model'
import type { GrantView } from '@/lib/identity/queries'

/** What live grants reach on one server, by category; policies may take more away. */
export interface ServerBits {
  readonly server: string
  readonly categories: readonly Category[]
}

type ServerTools = Pick<ServerView, 'slug'> & {
  readonly tools: readonly Pick<ServerView['tools'][number], 'name' | 'category'>[]
}

/** The categories that an identity's grants cover, server by server. */
export function permissionBits(
  grants: readonly Pick<GrantView, 'server' | 'tools'>[],
  servers: readonly ServerTools[],
): ServerBits[] {
  const slugs = [...new Set(grants.map(grant => grant.server))].sort()
  return slugs.map(slug => {
    const patterns = grants.filter(grant => grant.server === slug).flatMap(grant => grant.tools)
    const tools = servers.find(server => server.slug === slug)?.tools ?? []
    const covered = tools.filter(tool => grantCovers(patterns, tool.name))
    return { server: slug, categories: [...new Set(covered.map(tool => tool.category))] }
  })
}
