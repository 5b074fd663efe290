import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { treatmentOf } from '@/components/policy/treatment'
import { TreatmentCell, treatmentInWords } from '@/components/policy/treatment-cell'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { CategoryLetter } from '@/components/ui/category-letter'
import { CodeBlock } from '@/components/ui/code-block'
import { RiskMeter } from '@/components/ui/risk-meter'
import { Band, Sheet } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readServer } from '@/lib/catalogue/queries'
import { grantCovers } from '@/lib/identity/model'
import { readGrants } from '@/lib/identity/queries'
import { orNotFound } from '../../../../or-not-found'
import { readDocumentsInForce } from '../../../../policies/in-force'
import { definitionOf } from '../../../definition-of'
import { CategoryMenu } from '../../category-menu'
import { StateTag } from '../../tool-row'
import { WhoMayCall } from '../../who-may-call'
import { AboutDefinition } from './about-definition'
import { ArgumentTable } from './argument-table'
import { DriftSheet } from './drift-sheet'

interface Address {
  params: Promise<{ slug: string; name: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function ToolPage({ params }: Address) {
  const actor = await currentActor()
  const { slug, name: encoded } = await params
  const name = decodeURIComponent(encoded)
  const server = await orNotFound(readServer(actor, slug))
  const tool = server.tools.find(one => one.name === name)
  if (!tool) notFound()
  const [documents, grants] = await Promise.all([
    readDocumentsInForce(actor, [slug]),
    readGrants(actor, { server: slug }),
  ])
  const treatment = treatmentOf(documents.of(slug), definitionOf(tool), { server: slug })
  const shown = tool.definition ?? tool.pinned
  const covering = grants.filter(grant => grant.state === 'live' && grantCovers(grant.tools, name))
  const mayManage = can(actor, 'server.manage')
  return (
    <>
      <PageHead
        title={name}
        mono
        facts={
          <p className="flex flex-wrap items-center gap-x-5 gap-y-1">
            {mayManage ? null : <CategoryLetter category={tool.category} />}
            <RiskMeter risk={tool.risk} />
            <span>
              on{' '}
              <TextLink href={`/servers/${slug}`} className="font-mono text-xs">
                {slug}
              </TextLink>
            </span>
            <StateTag tool={tool} />
          </p>
        }
        tools={mayManage ? <CategoryMenu slug={slug} tool={name} category={tool.category} mayChange /> : null}
      />
      <PageBody>
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21.5rem]">
          <div className="flex min-w-0 flex-col gap-4">
            {tool.state === 'drifted' || tool.state === 'waiting' ? (
              <DriftSheet slug={slug} tool={tool} drift={server.drift} mayApprove={mayManage} />
            ) : null}
            <Sheet>
              <Band title="What policy does with it">
                <span className="text-xs text-ink-3">
                  {documents.newest === null
                    ? 'nothing was published yet'
                    : `as proxies decide it in r${documents.newest}`}
                </span>
              </Band>
              <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
                <TreatmentCell treatment={treatment} hrefOf={rule => documents.hrefOf(rule.policy, rule.line)} />
                <span className="text-ink-2">{treatmentInWords(treatment)}</span>
              </div>
            </Sheet>
            <Sheet>
              <Band title="What it says of itself">
                <span className="text-xs text-ink-3">the server’s own words, which agents read</span>
              </Band>
              <div className="max-w-measure px-4 py-3">
                {tool.title ? <p className="mb-1 font-label">{tool.title}</p> : null}
                <p className="wrap-anywhere whitespace-pre-wrap text-ink-2">
                  {tool.description ?? 'It gives no description.'}
                </p>
              </div>
            </Sheet>
            <ArgumentTable schema={shown?.inputSchema} />
            {shown ? (
              <Sheet>
                <details>
                  <summary className="cursor-pointer px-4 py-3 text-sm font-head">Definition, as it was sent</summary>
                  <div className="border-t border-line">
                    <CodeBlock text={JSON.stringify(shown, null, 2)} language="json" label="Definition" />
                  </div>
                </details>
              </Sheet>
            ) : null}
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <AboutDefinition tool={tool} />
            <WhoMayCall grants={covering} />
          </div>
        </div>
      </PageBody>
    </>
  )
}
