import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { KeyValue } from '@/components/ui/key-value'
import { Band, Sheet } from '@/components/ui/sheet'
import { Instant, Time } from '@/components/ui/time'
import { sinkKinds } from '@/lib/audit/sinks/model'
import { isForwarding, readSink } from '@/lib/audit/sinks/queries'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { orNotFound } from '../../../or-not-found'
import { updateSinkAction } from '../actions'
import { SinkActs } from '../sink-acts'
import { SinkForm } from '../sink-form'
import { SinkLag, SinkState } from '../sink-state'
import { Complaint } from '../sink-table'

interface Address {
  params: Promise<{ name: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: `Sink ${(await params).name}` }
}

export default async function SinkPage({ params }: Address) {
  const actor = await currentActor()
  const sink = await orNotFound(readSink(actor, (await params).name))
  const isRunning = await isForwarding()
  const mayManage = can(actor, 'sink.manage')
  const { name, kind, settings, secretNames, effects, servers, withArguments } = sink
  return (
    <>
      <PageHead
        title={name}
        mono
        facts={`${sinkKinds[kind].title} to ${sink.target}`}
        tools={mayManage ? <SinkActs name={name} isPaused={sink.state === 'paused'} /> : null}
      />
      <PageBody form>
        <div className="flex flex-col gap-5">
          <Sheet>
            <Band title="How far it is" />
            <div className="px-4 py-3">
              <KeyValue
                items={[
                  ['State', <SinkState key="state" sink={sink} isForwarding={isRunning} />],
                  ['Waiting', <SinkLag key="lag" sink={sink} />],
                  ['Sent', `${sink.sent.toLocaleString('en')} records`],
                  ['Last sent', sink.lastSentAt ? <Time key="sent" at={sink.lastSentAt} /> : 'nothing yet'],
                  ['Tries that failed', sink.failures.toLocaleString('en')],
                  ['Last complaint', <Complaint key="error" sink={sink} />],
                  ['Added', <Instant key="added" at={sink.createdAt} show="day" />],
                ]}
              />
            </div>
          </Sheet>
          {mayManage ? (
            <SinkForm
              kind={kind}
              sink={{ name, settings, secretNames, effects, servers, withArguments }}
              mayReadArguments={can(actor, 'read.arguments')}
              action={updateSinkAction}
            />
          ) : null}
        </div>
      </PageBody>
    </>
  )
}
