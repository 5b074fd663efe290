import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Note } from '@/components/ui/note'
import { Segmented } from '@/components/ui/segmented'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { addServerAction } from '../actions'
import { NewServerForm } from './new-server-form'

export const metadata: Metadata = { title: 'Add a server' }

export default async function NewServerPage({ searchParams }: { searchParams: Promise<{ transport?: string }> }) {
  const actor = await currentActor()
  const transport = (await searchParams).transport === 'http' ? 'http' : 'stdio'
  return (
    <>
      <PageHead
        title="Add a server"
        facts="It is asked for its tools when you scan it, and forwards nothing until you approve them."
      />
      <PageBody form>
        {can(actor, 'server.manage') ? (
          <div className="flex flex-col gap-5">
            <Segmented
              label="How it is reached"
              value={transport}
              segments={[
                { key: 'stdio', label: 'By command', href: '/servers/new' },
                { key: 'http', label: 'By address', href: '/servers/new?transport=http' },
              ]}
            />
            <NewServerForm transport={transport} action={addServerAction} />
          </div>
        ) : (
          <Note>Adding servers is for admins. Ask one, or an owner for the role.</Note>
        )}
      </PageBody>
    </>
  )
}
