import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Note } from '@/components/ui/note'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readServer, type ServerView } from '@/lib/catalogue/queries'
import { orNotFound } from '../../../or-not-found'
import { updateServerAction } from '../../actions'
import { joinCommand } from '../../command-line'
import { EditServerForm } from './edit-server-form'

interface Address {
  params: Promise<{ slug: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: `Edit ${(await params).slug}` }
}

export default async function EditServerPage({ params }: Address) {
  const actor = await currentActor()
  const server = await orNotFound(readServer(actor, (await params).slug))
  const { slug, transport, command, environmentNames, headerNames } = server
  return (
    <>
      <PageHead
        title={`Edit ${slug}`}
        facts="Proxies take the change within a second; calls under way end as they began."
      />
      <PageBody form>
        {can(actor, 'server.manage') ? (
          <EditServerForm
            action={updateServerAction}
            server={settingsOf(server)}
            command={joinCommand(command)}
            names={transport === 'stdio' ? environmentNames : headerNames}
          />
        ) : (
          <Note>Editing servers is for admins. Ask one, or an owner for the role.</Note>
        )}
      </PageBody>
    </>
  )
}

/** What the form shows and nothing else: it runs in the browser. */
function settingsOf(server: ServerView) {
  const { slug, title, registryName, steward, transport, url, allowPrivate, isShared, isSse } = server
  const { drift, argumentsKept, deadlineSeconds, idleDeadlineSeconds } = server
  const reach = { transport, url, allowPrivate, isShared, isSse }
  return { slug, title, registryName, steward, ...reach, drift, argumentsKept, deadlineSeconds, idleDeadlineSeconds }
}
