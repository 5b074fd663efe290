import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Note } from '@/components/ui/note'
import { Segmented } from '@/components/ui/segmented'
import { SinkKind, sinkKinds } from '@/lib/audit/sinks/model'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { addSinkAction } from '../actions'
import { SinkForm } from '../sink-form'

export const metadata: Metadata = { title: 'Add a sink' }

export default async function NewSinkPage({ searchParams }: { searchParams: Promise<{ kind?: string }> }) {
  const actor = await currentActor()
  const kind = SinkKind.catch('webhook').parse((await searchParams).kind)
  return (
    <>
      <PageHead
        title="Add a sink"
        facts={`${sinkKinds[kind].title}: ${sinkKinds[kind].what}. Each record is sent at least once.`}
      />
      <PageBody form>
        {can(actor, 'sink.manage') ? (
          <div className="flex flex-col gap-5">
            <div className="-mx-4 overflow-x-auto px-4 md:-mx-6 md:px-6">
              <Segmented
                label="Kind"
                value={kind}
                segments={SinkKind.options.map(each => ({
                  key: each,
                  label: sinkKinds[each].title,
                  href: `/settings/sinks/new?kind=${each}`,
                }))}
              />
            </div>
            <SinkForm key={kind} kind={kind} mayReadArguments={can(actor, 'read.arguments')} action={addSinkAction} />
          </div>
        ) : (
          <Note>Adding sinks is for admins. Ask one, or an owner for the role.</Note>
        )}
      </PageBody>
    </>
  )
}
