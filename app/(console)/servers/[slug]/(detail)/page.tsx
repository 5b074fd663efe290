import type { Metadata } from 'next'
import { SnippetList } from '@/components/connect/snippet-list'
import { endpointOf, KEY_PLACEHOLDER } from '@/components/connect/snippets'
import { type Treatment, treatmentOf } from '@/components/policy/treatment'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Band, Sheet } from '@/components/ui/sheet'
import { Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { type Actor, can } from '@/lib/auth/model'
import { readServer, type ServerView } from '@/lib/catalogue/queries'
import { readEnv } from '@/lib/env'
import { readGrants } from '@/lib/identity/queries'
import { orNotFound } from '../../../or-not-found'
import { readDocumentsInForce } from '../../../policies/in-force'
import { joinCommand } from '../../command-line'
import { definitionOf } from '../../definition-of'
import { AboutServer } from '../about-server'
import { RemoveServer } from '../remove-server'
import { ScanAnswer, ScanButton, ScanScope } from '../scan'
import { ToolTable } from '../tool-table'
import { WhoMayCall } from '../who-may-call'

interface Address {
  params: Promise<{ slug: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: (await params).slug }
}

export default async function ServerPage({ params }: Address) {
  const actor = await currentActor()
  const { slug } = await params
  const server = await orNotFound(readServer(actor, slug))
  const [documents, grants] = await Promise.all([
    readDocumentsInForce(actor, [slug]),
    readGrants(actor, { server: slug }),
  ])
  const treatments: Record<string, Treatment> = {}
  const hrefs: Record<string, string> = {}
  for (const tool of server.tools) {
    const treatment = treatmentOf(documents.of(slug), definitionOf(tool), { server: slug })
    treatments[tool.name] = treatment
    for (const rule of treatment.rules) {
      hrefs[`${rule.policy} ${rule.line}`] = documents.hrefOf(rule.policy, rule.line) ?? ''
    }
  }
  const live = grants.filter(grant => grant.state === 'live')
  const { proxyUrl } = readEnv()
  return (
    <ScanScope>
      <ServerHead actor={actor} server={server} liveGrants={live.length} />
      <PageBody>
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21.5rem]">
          <div className="flex min-w-0 flex-col gap-4">
            <ScanAnswer />
            <ToolTable
              slug={slug}
              policy={server.policy?.name ?? null}
              tools={server.tools.map(
                ({ definition: _definition, pinned: _pinned, description: _text, ...tool }) => tool,
              )}
              drift={server.drift}
              treatments={treatments}
              hrefs={hrefs}
              mayManage={can(actor, 'server.manage')}
              wasScanned={server.scannedAt !== null}
            />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Sheet>
              <Band title="Connect an agent">
                <span className="ml-auto">
                  <CopyButton text={endpointOf({ proxyUrl, slug })} label="Copy address" />
                </span>
              </Band>
              <p className="border-b border-line px-4 py-3 text-xs text-ink-2">
                <code className="block pb-1 text-ink wrap-anywhere">{endpointOf({ proxyUrl, slug })}</code>
                Put a key of an identity in the place of {KEY_PLACEHOLDER}. Keys are issued under Identities.
              </p>
              <SnippetList connection={{ slug, proxyUrl, key: KEY_PLACEHOLDER }} />
            </Sheet>
            <WhoMayCall grants={live} />
            <AboutServer server={server} />
          </div>
        </div>
      </PageBody>
    </ScanScope>
  )
}

function ServerHead({ actor, server, liveGrants }: { actor: Actor; server: ServerView; liveGrants: number }) {
  const { slug, title, scannedAt } = server
  return (
    <PageHead
      title={slug}
      mono
      facts={
        <p className="flex flex-wrap gap-x-5 gap-y-0.5">
          {title === slug ? null : <span>{title}</span>}
          <span className="min-w-0 font-mono text-xs leading-5 wrap-anywhere">
            {server.transport === 'stdio' ? joinCommand(server.command) : server.url}
          </span>
          <span>
            {scannedAt ? (
              <>
                scanned <Time at={scannedAt} className="font-label text-ink" />
              </>
            ) : (
              'never scanned'
            )}
          </span>
        </p>
      }
      tools={
        can(actor, 'server.manage') ? (
          <>
            <RemoveServer slug={slug} grants={liveGrants} policy={server.policy?.name ?? null} />
            <LinkButton href={`/servers/${slug}/edit`} icon="edit">
              Edit
            </LinkButton>
            <ScanButton slug={slug} />
          </>
        ) : null
      }
    />
  )
}
