import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { type PolicyRow, readPolicies, readPolicy } from '@/lib/policy-store/queries'
import { toTable } from '../output'

/** The policy in force for a server, or for every server. @throws Refusal `not_found` while nothing was published */
export async function showPolicy(actor: Actor, server: string | null) {
  const policies = await readPolicies(actor)
  const row = policies.find(policy => (server === null ? policy.scope === 'every' : policy.server?.slug === server))
  if (!row?.revision) {
    const whose = server === null ? 'the every-server document' : `server ${server}`
    throw new Refusal(
      'not_found',
      `Nothing is published for ${whose}. Next: intercept policy publish --server ${server ?? "'*'"} FILE`,
    )
  }
  const { name, revision, text } = await readPolicy(actor, row.name)
  return { name, server, revision, text }
}

const scopes = { every: '* (every server)', removed: '(its server was removed)' }

export function sayPolicies(policies: readonly PolicyRow[]): string {
  if (policies.length === 0)
    return 'No policies yet: every call is denied. Next: intercept policy publish --server SLUG FILE\n'
  const rows = policies.map(({ name, server, scope, revision, draft }) => [
    name,
    scope === 'server' ? (server?.slug ?? '') : scopes[scope],
    revision ? `r${revision.number}` : '(not published)',
    revision ? revision.publishedAt.toISOString() : '',
    revision?.publishedBy ?? '',
    draft ? `draft by ${draft.savedBy}` : '',
  ])
  return toTable(['NAME', 'SERVER', 'IN FORCE', 'SINCE', 'BY', 'DRAFT'], rows)
}
