import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { duration } from '@/components/data-table/effect-looks'
import { PageFoot } from '@/components/data-table/list-foot'
import { PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/empty'
import { Instant } from '@/components/ui/time'
import { readSession, type SessionView } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { orRefused } from '../../../or-refused'
import { Timeline } from './timeline'

export const metadata: Metadata = { title: 'Session' }

export default async function SessionPage({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: Promise<{ after?: string | string[] }>
}) {
  const actor = await currentActor()
  const [{ id }, { after }] = [await params, await searchParams]
  const session = decodeURIComponent(id)
  const reading = await orRefused(readSession(actor, session, { after: [after].flat()[0] }))
  if ('refused' in reading) return <ErrorNote title="This session was not read">{reading.refused}</ErrorNote>
  if (!reading.read) notFound()
  const view = reading.read
  const path = `/audit/session/${encodeURIComponent(session)}`
  return (
    <>
      <PageHead
        title={session}
        mono
        facts={<Facts view={view} />}
        tools={
          <LinkButton href={`/audit?session=${encodeURIComponent(session)}&range=30d`}>Show in the audit</LinkButton>
        }
      />
      <div className="flex-1 border-t border-line bg-sheet">
        <Timeline view={view} />
        <PageFoot
          says={`${view.calls.length} shown, oldest first${view.next ? '' : ', to the last of this session'}`}
          back={{ label: 'First', href: after ? path : null }}
          onward={{ label: 'Later', href: view.next ? `${path}?after=${view.next}` : null }}
        />
      </div>
    </>
  )
}

function Facts({ view: { identities, servers, client, first, last } }: { view: SessionView }) {
  const who = identities.map(identity => identity ?? 'an unknown caller').join(', ')
  return (
    <>
      Session of {who} on {servers.join(', ')}
      {client ? ` with ${client}` : ''}: from <Instant at={first} /> to <Instant at={last} />,{' '}
      {duration(last.getTime() - first.getTime())} in all. Times are UTC.
    </>
  )
}
