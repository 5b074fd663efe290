import type { Metadata } from 'next'
import { PageBody } from '@/components/shell/page-head'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readServer, readServers } from '@/lib/catalogue/queries'
import { readEnv } from '@/lib/env'
import { readIdentity } from '@/lib/identity/queries'
import { orNotFound } from '../../or-not-found'
import { readDocumentsInForce } from '../../policies/in-force'
import { GrantsSheet } from './grants-sheet'
import { IdentityHead } from './identity-head'
import { KeysSheet } from './keys-sheet'
import { MayDoSheet } from './may-do-sheet'

interface Address {
  params: Promise<{ name: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function IdentityPage({ params }: Address) {
  const actor = await currentActor()
  const name = decodeURIComponent((await params).name)
  const view = await orNotFound(readIdentity(actor, name))
  const granted = view.servers.map(server => server.slug)
  const mayManage = can(actor, 'identity.manage')
  const [documents, servers, all] = await Promise.all([
    readDocumentsInForce(actor, granted),
    Promise.all(granted.map(slug => readServer(actor, slug))),
    mayManage ? readServers(actor) : [],
  ])
  const choices = await Promise.all(
    all.slice(0, 50).map(async ({ slug }) => {
      const server = servers.find(one => one.slug === slug) ?? (await readServer(actor, slug))
      return { slug, tools: server.tools.map(tool => ({ name: tool.name, category: tool.category })) }
    }),
  )
  const live = view.grants.filter(grant => grant.state === 'live')
  return (
    <>
      <IdentityHead view={view} choices={choices} mayManage={mayManage} />
      <PageBody>
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21.5rem]">
          <div className="flex min-w-0 flex-col gap-4">
            <MayDoSheet view={view} servers={servers} documents={documents} />
            <GrantsSheet grants={view.grants} mayManage={mayManage} />
          </div>
          <KeysSheet
            identity={name}
            isDisabled={view.identity.disabledAt !== null}
            keys={view.keys}
            servers={[...new Set(live.map(grant => grant.server))]}
            proxyUrl={readEnv().proxyUrl}
            mayManage={mayManage}
          />
        </div>
      </PageBody>
    </>
  )
}
