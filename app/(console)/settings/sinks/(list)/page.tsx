import type { Metadata } from 'next'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { Note } from '@/components/ui/note'
import { Sheet } from '@/components/ui/sheet'
import { readSinks } from '@/lib/audit/sinks/queries'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { SettingsTabs } from '../../settings-tabs'
import { NarrowSinks, SinkTable } from '../sink-table'

export const metadata: Metadata = { title: 'Sinks' }

/** How often the page reads itself anew, in milliseconds. */
const EVERY_MS = 5_000

export default async function SinksPage() {
  const actor = await currentActor()
  const view = await readSinks(actor)
  const mayManage = can(actor, 'sink.manage')
  const failing = view.sinks.filter(sink => sink.state === 'failing').length
  const add = mayManage ? (
    <LinkButton href="/settings/sinks/new" icon="plus" kind="ink">
      Add sink
    </LinkButton>
  ) : null
  return (
    <>
      <LiveRefresh everyMs={EVERY_MS} />
      <PageHead
        title="Settings"
        facts={`Where records are sent on to${failing > 0 ? `; ${failing} of ${view.sinks.length} not taking them` : ''}`}
        tools={view.sinks.length > 0 ? add : null}
      />
      <SettingsTabs value="sinks" mayReadSite={can(actor, 'site.read')} />
      <PageBody>
        <div className="flex flex-col gap-4">
          {view.isForwarding || view.sinks.length === 0 ? null : (
            <Note tone="warn">
              No forwarder runs, so that nothing is sent; records wait in Postgres.{' '}
              <code className="literal">npm start</code> runs one, and so does{' '}
              <code className="literal">intercept audit forward</code>.
            </Note>
          )}
          <Sheet>
            {view.sinks.length > 0 ? (
              <>
                <div className="max-md:hidden">
                  <SinkTable {...view} />
                </div>
                <NarrowSinks {...view} />
              </>
            ) : (
              <Empty title="No sink yet" actions={add}>
                <p>
                  A sink takes a copy of each record as it comes: a webhook, an OpenTelemetry collector, syslog, a
                  bucket, NATS, or files.
                  {mayManage ? ' Add one here or with' : ' An admin adds one here or with'}{' '}
                  <code className="literal">intercept sink add</code>.
                </p>
              </Empty>
            )}
          </Sheet>
        </div>
      </PageBody>
    </>
  )
}
