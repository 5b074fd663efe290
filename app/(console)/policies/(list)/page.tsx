import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Empty } from '@/components/ui/empty'
import { RuleCite } from '@/components/ui/rule-cite'
import { Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readServers } from '@/lib/catalogue/queries'
import { type PolicyRow, readPolicies } from '@/lib/policy-store/queries'
import { newestOf } from '../in-force'
import { WithoutPolicy } from '../without-policy'

export const metadata: Metadata = { title: 'Policies' }

export default async function PoliciesPage() {
  const actor = await currentActor()
  const [policies, servers] = await Promise.all([readPolicies(actor), readServers(actor)])
  const uncovered = servers.filter(server => server.policy === null)
  const newest = newestOf(policies)
  return (
    <>
      <PageHead
        title="Policies"
        facts={
          newest === null ? (
            'Nothing was published yet: every call is refused'
          ) : (
            <>
              <RuleCite>r{newest}</RuleCite> is the newest revision. What no policy allows is refused
            </>
          )
        }
      />
      <PageBody>
        <div className="flex flex-col gap-4">
          <Sheet>
            {policies.length > 0 ? (
              <PolicyTable policies={policies} />
            ) : (
              <Empty title="No policy yet">
                <p>
                  A policy is a text that says, tool by tool, what may be called.
                  {uncovered.length > 0
                    ? ' Write the first one for a server below, or'
                    : ' Add a server first; then write one here, or'}{' '}
                  with <code className="literal">intercept policy publish --server SLUG FILE</code>.
                </p>
              </Empty>
            )}
          </Sheet>
          {uncovered.length > 0 ? (
            <WithoutPolicy
              servers={uncovered.map(({ slug, title, tools }) => ({ slug, title, tools }))}
              mayEdit={can(actor, 'policy.edit')}
            />
          ) : null}
        </div>
      </PageBody>
    </>
  )
}

function PolicyTable({ policies }: { policies: readonly PolicyRow[] }) {
  return (
    <Table tall>
      <thead>
        <tr>
          <Th>Policy</Th>
          <Th className="max-md:hidden">For</Th>
          <Th>In force</Th>
          <Th className="max-md:hidden">Draft</Th>
          <Th className="max-md:hidden">Last note</Th>
        </tr>
      </thead>
      <tbody>
        {policies.map(policy => (
          <Tr key={policy.id}>
            <Td className="py-1.5 max-md:w-full max-md:whitespace-normal!">
              <TextLink
                href={`/policies/${policy.name}`}
                className="font-mono text-xs font-label wrap-anywhere text-ink!"
              >
                {policy.name}
              </TextLink>
              <span className="flex flex-wrap items-center gap-x-2 text-xs text-ink-3 md:hidden">
                <Scope policy={policy} />
                {policy.draft ? <Draft policy={policy} /> : null}
              </span>
            </Td>
            <Td className="max-md:hidden">
              <Scope policy={policy} />
            </Td>
            <Td>
              <InForce policy={policy} />
            </Td>
            <Td className="max-md:hidden">
              <Draft policy={policy} />
            </Td>
            <Td cut className="w-2/5 text-ink-2 max-md:hidden">
              {policy.revision?.note || <span className="text-ink-3">No note</span>}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Scope({ policy: { scope, server } }: { policy: PolicyRow }) {
  if (scope === 'every') return <>Every server</>
  if (scope === 'removed') return <>A removed server</>
  return (
    <TextLink href={`/servers/${server?.slug}`} className="font-mono text-xs">
      {server?.slug}
    </TextLink>
  )
}

function InForce({ policy: { revision } }: { policy: PolicyRow }) {
  if (!revision) return <Tag tone="warn">Never published</Tag>
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <RuleCite>r{revision.number}</RuleCite>
      <span className="text-xs text-ink-2 max-md:hidden">
        <Time at={revision.publishedAt} /> by {revision.publishedBy}
      </span>
    </span>
  )
}

function Draft({ policy: { draft } }: { policy: PolicyRow }) {
  if (!draft) return <span className="text-xs text-ink-3">None</span>
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <Tag tone="accent">Draft</Tag>
      <span className="text-xs text-ink-2">
        <Time at={draft.savedAt} /> by {draft.savedBy}
      </span>
    </span>
  )
}
