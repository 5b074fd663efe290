import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'
import { boundedRead } from './bounded-read'

/** Values that the filter menu offers, most used first, and where a citation leads. */
export interface FacetsView {
  servers: string[]
  tools: string[]
  identities: string[]
  proxies: string[]
  rules: string[]
  clients: string[]
  methods: string[]
  /** Prefixes of keys. */
  keys: string[]
  revisions: string[]
  /** Names of policies by server slug; `*` is the every-server document. */
  policies: Record<string, string>
}

/** Past this many the menu takes what is typed. */
const MOST_VALUES = 500
/** Days that roll-ups are asked for what was called. */
const DAYS = 30
/** What no roll-up knows is taken from so many of the newest records. */
const NEWEST = 2_000

/**
 * What was called lately, from roll-ups and the newest records, and the catalogue's words: asking ten million records for
 * their distinct tools is no menu. @throws Refusal
 */
export async function readFacets(actor: Actor, nowMs = Date.now()): Promise<FacetsView> {
  authorise(actor, 'read')
  const { prisma } = database()
  const [servers, tools, identities, proxies, policies, recorded] = await Promise.all([
    prisma.server.findMany({ select: { slug: true }, orderBy: { slug: 'asc' }, take: MOST_VALUES }),
    prisma.tool.findMany({ select: { name: true }, distinct: ['name'], orderBy: { name: 'asc' }, take: MOST_VALUES }),
    prisma.identity.findMany({ select: { name: true }, orderBy: { name: 'asc' }, take: MOST_VALUES }),
    prisma.proxy.findMany({ select: { name: true }, orderBy: { name: 'asc' }, take: MOST_VALUES }),
    prisma.policy.findMany({
      where: { OR: [{ serverId: { not: null } }, { everyServer: true }] },
      select: { name: true, server: { select: { slug: true } } },
      take: MOST_VALUES,
    }),
    readRecorded(nowMs),
  ])
  const also = (field: string, names: readonly string[] = []) =>
    [...new Set([...(recorded.get(field) ?? []), ...names])].slice(0, MOST_VALUES)
  return {
    servers: servers.map(server => server.slug),
    tools: also(
      'tool',
      tools.map(tool => tool.name),
    ),
    identities: also(
      'identity',
      identities.map(identity => identity.name),
    ),
    proxies: also(
      'proxy',
      proxies.map(proxy => proxy.name),
    ),
    rules: also('rule'),
    clients: also('client_name'),
    methods: also('method'),
    keys: also('key_prefix'),
    revisions: also('revision'),
    policies: Object.fromEntries(policies.map(policy => [policy.server?.slug ?? '*', policy.name])),
  }
}

const sampled = ['proxy', 'rule', 'client_name', 'method', 'key_prefix', 'revision'] as const

/** Values by column, most used first. */
async function readRecorded(nowMs: number): Promise<Map<string, string[]>> {
  const since = new Date(nowMs - DAYS * 86_400_000)
  const ranked = (field: string, table: string) =>
    `(SELECT '${field}' AS field, ${field} AS value, sum(count) AS count FROM ${table} WHERE day >= $1 AND ${field} <> ''
      GROUP BY ${field} ORDER BY 3 DESC LIMIT ${MOST_VALUES})`
  const rows = await boundedRead(sql =>
    sql.query<{ field: string; value: string }>(
      `WITH newest AS (SELECT ${sampled.join(', ')} FROM decisions WHERE time >= $2 ORDER BY time DESC, id DESC LIMIT ${NEWEST})
       SELECT field, value FROM (
         ${ranked('tool', 'decision_tool_days')} UNION ALL ${ranked('identity', 'decision_identity_days')} UNION ALL
         SELECT field, value, count(*) FROM newest CROSS JOIN LATERAL (VALUES ${sampled.map(column => `('${column}', ${column}::text)`).join(', ')}) AS v(field, value)
         WHERE value IS NOT NULL GROUP BY 1, 2) facets
       ORDER BY count DESC, value`,
      [since, new Date(nowMs - 86_400_000)],
    ),
  )
  const byField = new Map<string, string[]>()
  for (const { field, value } of rows) byField.set(field, [...(byField.get(field) ?? []), value])
  return byField
}
