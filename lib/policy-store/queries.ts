import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import type { Prisma } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import type { ToolDefinition } from '@/lib/policy'
import { definitionsFor } from './policy-record'

export interface RevisionRow {
  readonly number: number
  readonly digest: string
  readonly note: string
  readonly publishedBy: string
  readonly publishedAt: Date
}

export interface PolicyRow {
  readonly id: string
  readonly name: string
  /** `removed`: its server is gone, its revisions stay. */
  readonly scope: 'server' | 'every' | 'removed'
  readonly server: { readonly slug: string; readonly title: string } | null
  /** In force; null: never published. */
  readonly revision: RevisionRow | null
  readonly draft: { readonly savedAt: Date; readonly savedBy: string } | null
}

export interface PolicyView extends Omit<PolicyRow, 'draft'> {
  /** Text in force; empty while nothing was published. */
  readonly text: string
  readonly draft: {
    readonly text: string
    /** Number of the revision that the draft started from; null: none. */
    readonly base: number | null
    readonly savedAt: Date
    readonly savedBy: string
  } | null
  /** Hand it to `saveDraft`; it grows with each save, discard and publish. */
  readonly draftVersion: number
  /** Newest first, at most 100. */
  readonly revisions: readonly RevisionRow[]
  /** Of the server's tools, for the editor; empty for the every-server document. */
  readonly definitions: readonly ToolDefinition[]
}

export interface RevisionView extends RevisionRow {
  readonly policy: { readonly name: string; readonly server: string | null }
  readonly text: string
  /** The same policy's revision before, to compare with. */
  readonly previous: { readonly number: number; readonly text: string } | null
}

const revisionShown = { number: true, digest: true, note: true, publishedBy: true, publishedAt: true } as const
const newestFirst = { number: 'desc' } as const
const shown = (revisions: number) =>
  ({
    server: { select: { id: true, slug: true, title: true } },
    revisions: { select: revisionShown, orderBy: newestFirst, take: revisions },
  }) satisfies Prisma.PolicyInclude

type RevisionFacts = Omit<RevisionRow, 'number'> & { number: bigint }
const revisionRow = ({ number, digest, note, publishedBy, publishedAt }: RevisionFacts): RevisionRow => {
  return { number: Number(number), digest, note, publishedBy, publishedAt }
}

interface PolicyFacts {
  id: string
  name: string
  everyServer: boolean
  server: { slug: string; title: string } | null
}
function factsOf({ id, name, everyServer, server }: PolicyFacts) {
  const scope = everyServer ? 'every' : server ? 'server' : 'removed'
  return { id, name, scope, server: server && { slug: server.slug, title: server.title } } as const
}

/** Every policy, by name. @throws Refusal */
export async function readPolicies(actor: Actor): Promise<PolicyRow[]> {
  authorise(actor, 'read')
  const policies = await database().prisma.policy.findMany({
    omit: { draft: true },
    include: shown(1),
    orderBy: { name: 'asc' },
    take: 1_000,
  })
  return policies.map(policy => ({
    ...factsOf(policy),
    revision: policy.revisions[0] ? revisionRow(policy.revisions[0]) : null,
    // Saved by and at are set exactly while there is a draft.
    draft: policy.draftSavedAt && { savedAt: policy.draftSavedAt, savedBy: policy.draftSavedBy ?? '' },
  }))
}

/** One policy by name, with what its editor needs. @throws Refusal `not_found` */
export async function readPolicy(actor: Actor, name: string): Promise<PolicyView> {
  authorise(actor, 'read')
  const prisma = database().prisma
  const policy = await prisma.policy.findUnique({ where: { name }, include: shown(100) })
  if (!policy) throw new Refusal('not_found', `There is no policy ${name}.`)
  const newest = policy.revisions[0]
  const inForce = newest && (await prisma.revision.findUnique({ where: { number: newest.number } }))
  return {
    ...factsOf(policy),
    text: inForce?.text ?? '',
    revision: newest ? revisionRow(newest) : null,
    draft:
      policy.draft === null
        ? null
        : {
            text: policy.draft,
            base: policy.draftBase === null ? null : Number(policy.draftBase),
            savedAt: policy.draftSavedAt ?? policy.createdAt,
            savedBy: policy.draftSavedBy ?? '',
          },
    draftVersion: policy.draftVersion,
    revisions: policy.revisions.map(revisionRow),
    definitions: await definitionsFor(prisma, policy.serverId),
  }
}

/** One revision with its text and the one before it. @throws Refusal `not_found` */
export async function readRevision(actor: Actor, number: number): Promise<RevisionView> {
  authorise(actor, 'read')
  const prisma = database().prisma
  const revision = Number.isSafeInteger(number)
    ? await prisma.revision.findUnique({
        where: { number: BigInt(number) },
        include: { policy: { include: { server: { select: { slug: true } } } } },
      })
    : null
  if (!revision) throw new Refusal('not_found', `There is no revision r${number}.`)
  const previous = await prisma.revision.findFirst({
    where: { policyId: revision.policyId, number: { lt: revision.number } },
    orderBy: newestFirst,
  })
  return {
    ...revisionRow(revision),
    policy: { name: revision.policy.name, server: revision.policy.server?.slug ?? null },
    text: revision.text,
    previous: previous && { number: Number(previous.number), text: previous.text },
  }
}
