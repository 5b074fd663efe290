import { PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { RuleCite } from '@/components/ui/rule-cite'
import { Tag } from '@/components/ui/tag'
import { Time } from '@/components/ui/time'
import type { PolicyView } from '@/lib/policy-store/queries'

/** The name of a policy, what is in force of it, and how the text at hand differs. */
export function PolicyHead({
  policy: { name, revision, draft, scope },
  lines,
  isUnsaved,
  nextRevision,
}: {
  policy: PolicyView
  lines: number
  isUnsaved: boolean
  nextRevision: number
}) {
  const isDraft = draft !== null || isUnsaved
  return (
    <PageHead
      title={name}
      mono
      facts={
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          {scope === 'removed' ? <Tag>Its server was removed</Tag> : null}
          {isDraft ? <Tag tone="accent">Draft of r{nextRevision}</Tag> : null}
          {revision === null ? (
            <span>Nothing of it is in force yet</span>
          ) : isDraft ? (
            <span>
              {differs(lines)}{' '}
              <RuleCite href={`/policies/${name}/history/${revision.number}`}>r{revision.number}</RuleCite> in force
            </span>
          ) : (
            <span>
              <RuleCite href={`/policies/${name}/history/${revision.number}`}>r{revision.number}</RuleCite> in force,{' '}
              published <Time at={revision.publishedAt} /> by {revision.publishedBy}
            </span>
          )}
          {isUnsaved ? (
            <span className="text-ink-3">not saved</span>
          ) : draft ? (
            <span className="text-ink-3">
              saved <Time at={draft.savedAt} /> by {draft.savedBy}
            </span>
          ) : null}
        </p>
      }
      tools={
        revision === null ? null : (
          <LinkButton href={`/policies/${name}/history`} icon="changes">
            History
          </LinkButton>
        )
      }
    />
  )
}

function differs(lines: number): string {
  if (lines === 0) return 'No line differs from'
  return lines === 1 ? '1 line differs from' : `${lines} lines differ from`
}
