import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import type { Prisma } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import type { ToolDefinition } from '@/lib/policy'
import type { CategorySource } from './classify'
import type { ArgumentsKept, Category, Drift, Risk } from './model'

export interface ServerRow {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly registryName: string | null
  readonly transport: 'stdio' | 'http'
  readonly steward: { readonly name: string; readonly email: string } | null
  /** Tools of the newest list, by risk. */
  readonly tools: number
  readonly byRisk: Readonly<Record<Risk, number>>
  /** Never approved · changed since they were approved · gone from the newest list. */
  readonly waiting: number
  readonly drifted: number
  readonly missing: number
  /** `revision` null: a draft that was never published. */
  readonly policy: { readonly name: string; readonly revision: number | null } | null
  readonly scannedAt: Date | null
  /** Longest silence of a call, and its longest whole time; null: the default. */
  readonly idleDeadlineSeconds: number | null
  readonly deadlineSeconds: number | null
}

export interface ToolView {
  readonly name: string
  readonly title: string | null
  readonly description: string | null
  readonly category: Category
  readonly risk: Risk
  readonly categorySource: CategorySource
  readonly state: 'approved' | 'waiting' | 'drifted' | 'missing'
  readonly seenDigest: string | null
  readonly seenAt: Date | null
  readonly missingSince: Date | null
  readonly pinnedDigest: string | null
  readonly approvedAt: Date | null
  readonly approvedBy: string | null
  /** As last seen. */
  readonly definition: ToolDefinition | null
  /** As approved; differs from `definition` when drifted. */
  readonly pinned: ToolDefinition | null
}

export interface ServerView extends Omit<ServerRow, 'tools'> {
  readonly command: readonly string[]
  readonly url: string | null
  readonly allowPrivate: boolean
  readonly isShared: boolean
  readonly isSse: boolean
  /** Values are sealed and never shown. */
  readonly environmentNames: readonly string[]
  readonly headerNames: readonly string[]
  readonly drift: Drift
  readonly argumentsKept: ArgumentsKept
  readonly instructions: string | null
  readonly serverInfo: unknown
  readonly createdAt: Date
  /** In the order of the server's list. */
  readonly tools: readonly ToolView[]
}

/** What the queries read of a server; `sealed` is never among it. */
const shown = {
  omit: { sealed: true },
  include: {
    tools: { orderBy: [{ position: 'asc' }, { name: 'asc' }] },
    policy: { select: { name: true, revisions: { select: { number: true }, orderBy: { number: 'desc' }, take: 1 } } },
  },
} satisfies Prisma.ServerDefaultArgs

type ToolRow = { risk: Risk; seenDigest: string | null; pinnedDigest: string | null; missingSince: Date | null }

function stateOf(tool: ToolRow): ToolView['state'] {
  if (tool.missingSince !== null) return 'missing'
  if (tool.pinnedDigest === null) return 'waiting'
  return tool.pinnedDigest === tool.seenDigest ? 'approved' : 'drifted'
}

async function readStewards(ids: readonly (string | null)[]) {
  const members = await database().prisma.member.findMany({
    where: { id: { in: ids.filter(id => id !== null) } },
    select: { id: true, name: true, email: true },
  })
  return new Map(members.map(({ id, name, email }) => [id, { name, email }]))
}

type Shown = {
  id: string
  slug: string
  title: string
  registryName: string | null
  transport: 'stdio' | 'http'
  scannedAt: Date | null
  idleDeadlineSeconds: number | null
  deadlineSeconds: number | null
  tools: ToolRow[]
  policy: { name: string; revisions: { number: bigint }[] } | null
}

function rowOf(server: Shown, steward: ServerRow['steward']): ServerRow {
  const { id, slug, title, registryName, transport, scannedAt, idleDeadlineSeconds, deadlineSeconds, policy } = server
  const states = server.tools.map(stateOf)
  const count = (state: ToolView['state']) => states.filter(each => each === state).length
  const listed = server.tools.filter(tool => tool.missingSince === null)
  const atRisk = (risk: Risk) => listed.filter(tool => tool.risk === risk).length
  const newest = policy?.revisions[0]
  return {
    id,
    slug,
    title,
    registryName,
    transport,
    scannedAt,
    idleDeadlineSeconds,
    deadlineSeconds,
    steward,
    tools: listed.length,
    byRisk: { low: atRisk('low'), medium: atRisk('medium'), high: atRisk('high'), critical: atRisk('critical') },
    waiting: count('waiting'),
    drifted: count('drifted'),
    missing: count('missing'),
    policy: policy ? { name: policy.name, revision: newest ? Number(newest.number) : null } : null,
  }
}

/** Every server, by slug. @throws Refusal */
export async function readServers(actor: Actor): Promise<ServerRow[]> {
  authorise(actor, 'read')
  const servers = await database().prisma.server.findMany({ ...shown, orderBy: { slug: 'asc' }, take: 1_000 })
  const stewards = await readStewards(servers.map(server => server.stewardId))
  return servers.map(server => rowOf(server, stewards.get(server.stewardId ?? '') ?? null))
}

/** One server with its tools and their definitions. @throws Refusal `not_found` */
export async function readServer(actor: Actor, slug: string): Promise<ServerView> {
  authorise(actor, 'read')
  const prisma = database().prisma
  const server = await prisma.server.findUnique({ where: { slug }, ...shown })
  if (!server) throw new Refusal('not_found', `There is no server ${slug}.`)
  const stewards = await readStewards([server.stewardId])
  const digests = server.tools.flatMap(tool => [tool.seenDigest, tool.pinnedDigest]).filter(digest => digest !== null)
  const definitions = await prisma.definition.findMany({ where: { serverId: server.id, digest: { in: digests } } })
  const byDigest = new Map(definitions.map(row => [row.digest, row.content as unknown as ToolDefinition]))
  const { command, url, allowPrivate, isShared, isSse, environmentNames, headerNames, drift, argumentsKept } = server
  return {
    ...rowOf(server, stewards.get(server.stewardId ?? '') ?? null),
    command,
    url,
    allowPrivate,
    isShared,
    isSse,
    environmentNames,
    headerNames,
    drift,
    argumentsKept,
    instructions: server.instructions,
    serverInfo: server.serverInfo,
    createdAt: server.createdAt,
    tools: server.tools.map(({ id: _id, serverId: _serverId, position: _position, ...tool }) => {
      const definition = byDigest.get(tool.seenDigest ?? '') ?? null
      return {
        ...tool,
        categorySource: tool.categorySource as CategorySource,
        state: stateOf(tool),
        title: definition?.title ?? titleOf(definition),
        description: definition?.description ?? null,
        definition,
        pinned: byDigest.get(tool.pinnedDigest ?? '') ?? null,
      }
    }),
  }
}

function titleOf(definition: ToolDefinition | null): string | null {
  const title = definition?.annotations?.title
  return typeof title === 'string' ? title : null
}
