import type { Work } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { isStorable } from '@/lib/catalogue/definitions'
import type { Transaction } from '@/lib/db/client'
import { canonicalJson, compile, type Diagnostic, type Document, parse, sha256Hex } from '@/lib/policy'
import { changedLines } from './changed-lines'
import { judge, refuseErrors } from './judge'
import type { BundledPolicy } from './model'
import { definitionsFor, lockPolicies, type PolicyRecord } from './policy-record'

export interface Publication {
  readonly text: string
  readonly note: string
  /** Number of the revision that the text started from (0: none); undefined does not ask. */
  readonly base: number | undefined
}

export interface Published {
  readonly revision: number
  readonly digest: string
  /** Warnings and hints; errors refuse. */
  readonly diagnostics: readonly Diagnostic[]
}

const newestFirst = { orderBy: { number: 'desc' } } as const

/**
 * Publishes a text inside a running transaction: judged, numbered without gaps, stored with the bundle it makes.
 * @throws Refusal `invalid` with the document's errors, `conflict` when somebody published in between
 */
export async function publishText(
  work: Work,
  actor: Actor,
  policy: PolicyRecord,
  publication: Publication,
): Promise<Published> {
  const { tx, change } = work
  const { text, note, base } = publication
  const judgement = judge(text, await definitionsFor(tx, policy.serverId))
  const document = refuseErrors(judgement)
  refuseUnstorable(document)
  await lockPolicies(tx)
  const newest = await tx.revision.findFirst({ where: { policyId: policy.id }, ...newestFirst })
  const newestNumber = Number(newest?.number ?? 0)
  if (newest && base !== undefined && base !== newestNumber)
    throw new Refusal(
      'conflict',
      `${newest.publishedBy} published r${newestNumber} of ${policy.name} at ${newest.publishedAt.toISOString()}, after this text was opened at ${base === 0 ? 'nothing' : `r${base}`}. Compare with r${newestNumber}, then publish on top of it.`,
    )
  const last = await tx.revision.findFirst({ select: { number: true }, ...newestFirst })
  const number = (last?.number ?? 0n) + 1n
  const digest = digestOf(policy, document)
  await tx.revision.create({ data: { number, policyId: policy.id, text, digest, note, publishedBy: actor.name } })
  await storeBundle(tx, number, { ...factsOf(policy), revision: Number(number), digest, document })
  await change({
    action: 'policy.publish',
    entity: 'policy',
    entityId: policy.id,
    label: policy.name,
    before: newest ? { revision: newestNumber, digest: newest.digest } : null,
    after: { revision: Number(number), digest, lines: changedLines(newest?.text ?? '', text), note },
  })
  return { revision: Number(number), digest, diagnostics: judgement.diagnostics }
}

function factsOf(policy: PolicyRecord) {
  return { name: policy.name, server: policy.server?.slug ?? null }
}

function digestOf(policy: PolicyRecord, document: Document): string {
  return compile(document, { name: policy.server?.slug ?? '*' }).digest
}

function refuseUnstorable(document: Document): void {
  if (!isStorable(JSON.stringify(document)))
    throw new Refusal(
      'invalid',
      'The document holds a NUL or half of a surrogate pair, written as an escape. Remove it.',
    )
}

/** The newest revision of every policy in use, parsed; what the bundle before has parsed already is taken from there. */
async function storeBundle(tx: Transaction, number: bigint, fresh: BundledPolicy): Promise<void> {
  const inUse = await tx.policy.findMany({
    where: { name: { not: fresh.name }, OR: [{ everyServer: true }, { serverId: { not: null } }] },
    include: { server: { select: { id: true, slug: true } }, revisions: { ...newestFirst, take: 1 } },
  })
  const before = await tx.bundle.findFirst(newestFirst)
  const parsed = new Map(
    ((before?.policies ?? []) as unknown as BundledPolicy[]).map(entry => [entry.revision, entry.document]),
  )
  const others = inUse.flatMap(policy => {
    const [newest] = policy.revisions
    if (!newest) return []
    const revision = Number(newest.number)
    const document = parsed.get(revision) ?? parse(newest.text).document
    if (!document) throw new Error(`r${revision} of ${policy.name} cannot be read by this release of the kernel`)
    return [{ ...factsOf(policy), revision, digest: newest.digest, document }]
  })
  const policies = [...others, fresh].sort((one, other) => (one.name < other.name ? -1 : 1))
  // Numbers are left out, so that equal content has an equal digest wherever it was published.
  const digest = sha256Hex(canonicalJson(policies.map(({ name, server, digest }) => ({ name, server, digest }))))
  await tx.bundle.create({ data: { number, digest, policies: policies as object[] } })
}
