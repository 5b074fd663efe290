import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { DiffView } from '@/components/code-editor/diff-view'
import { countChangedLines, diffLines } from '@/components/code-editor/line-diff'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { RuleCite } from '@/components/ui/rule-cite'
import { Band, Sheet } from '@/components/ui/sheet'
import { Tag } from '@/components/ui/tag'
import { Instant } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readPolicy, readRevision } from '@/lib/policy-store/queries'
import { orNotFound } from '../../../../or-not-found'
import { RestoreButton } from './restore-button'
import { RevisionText } from './revision-text'

interface Address {
  params: Promise<{ name: string; number: string }>
  searchParams: Promise<{ line?: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  const { name, number } = await params
  return { title: `r${number} of ${decodeURIComponent(name)}` }
}

export default async function RevisionPage({ params, searchParams }: Address) {
  const actor = await currentActor()
  const { name: encoded, number } = await params
  const name = decodeURIComponent(encoded)
  const [revision, policy] = await Promise.all([
    orNotFound(readRevision(actor, Number(number))),
    orNotFound(readPolicy(actor, name)),
  ])
  if (revision.policy.name !== name) notFound()
  const { previous } = revision
  const isInForce = policy.revision?.number === revision.number
  const lines = previous ? countChangedLines(diffLines(previous.text, revision.text)) : 0
  const line = Number((await searchParams).line)
  return (
    <>
      <PageHead
        title={`r${revision.number} of ${name}`}
        facts={
          <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            {isInForce ? <Tag tone="accent">In force</Tag> : null}
            <span>
              published <Instant at={revision.publishedAt} /> UTC by {revision.publishedBy}
            </span>
            {revision.note ? <span className="text-ink">“{revision.note}”</span> : null}
          </p>
        }
        tools={
          <>
            <LinkButton href={`/policies/${encoded}/history`} icon="changes">
              History
            </LinkButton>
            {can(actor, 'policy.edit') && policy.scope !== 'removed' && !isInForce ? (
              <RestoreButton revision={revision.number} draftBy={policy.draft?.savedBy ?? null} />
            ) : null}
          </>
        }
      />
      <PageBody>
        <div className="flex flex-col gap-4">
          {previous ? (
            <Sheet>
              <Band title="What it changed">
                <span className="text-xs text-ink-3">
                  {lines === 1 ? '1 line differs' : `${lines} lines differ`} from{' '}
                  <RuleCite href={`/policies/${encoded}/history/${previous.number}`}>r{previous.number}</RuleCite>
                </span>
              </Band>
              <DiffView before={previous.text} after={revision.text} label={`What differs from r${previous.number}`} />
            </Sheet>
          ) : null}
          <Sheet>
            <Band title="Text">
              <span className="text-xs text-ink-3">
                {previous ? null : 'the first revision of this policy; '}
                digest <span className="font-mono">{revision.digest.slice(0, 12)}</span>
              </span>
            </Band>
            <RevisionText
              text={revision.text.replace(/\n$/, '')}
              number={revision.number}
              line={line > 0 ? line : null}
            />
          </Sheet>
        </div>
      </PageBody>
    </>
  )
}
