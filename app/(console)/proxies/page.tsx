import type { Metadata } from 'next'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Empty } from '@/components/ui/empty'
import { RuleCite } from '@/components/ui/rule-cite'
import { Sheet } from '@/components/ui/sheet'
import { Time } from '@/components/ui/time'
import { type ProxiesView, readProxies } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { NarrowProxies, ProxyTable } from './proxy-table'

export const metadata: Metadata = { title: 'Proxies' }

/** How often the page reads itself anew, in milliseconds. */
const EVERY_MS = 5_000

export default async function ProxiesPage() {
  const view = await readProxies(await currentActor())
  return (
    <>
      <LiveRefresh everyMs={EVERY_MS} />
      <PageHead title="Proxies" facts={<Facts view={view} />} />
      <PageBody>
        <Sheet>
          {view.proxies.length > 0 ? (
            <>
              <div className="max-md:hidden">
                <ProxyTable proxies={view.proxies} />
              </div>
              <NarrowProxies proxies={view.proxies} />
            </>
          ) : (
            <Empty title="No proxy reports">
              <p>
                Without one no call is decided and none reaches a server. <code className="literal">npm start</code>{' '}
                runs a proxy beside this console; others need its database and its secret.
              </p>
            </Empty>
          )}
        </Sheet>
      </PageBody>
    </>
  )
}

function Facts({ view: { revision, publishedAt, publishedBy, proxies } }: { view: ProxiesView }) {
  const running = proxies.filter(proxy => proxy.state === 'running')
  const agreeing = running.filter(proxy => proxy.agrees).length
  if (revision === null || !publishedAt) return 'Nothing was published yet: every call is refused.'
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <RuleCite>r{revision}</RuleCite> is in force on {agreeing} of {running.length} running, published{' '}
      <Time at={publishedAt} /> by {publishedBy}
    </p>
  )
}
