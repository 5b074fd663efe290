import type { Metadata } from 'next'
import { duration } from '@/components/data-table/effect-looks'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { ProxyHealth } from '@/components/data-table/proxy-health'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Empty } from '@/components/ui/empty'
import { RuleCite } from '@/components/ui/rule-cite'
import { Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { type ProxiesView, type ProxyView, readProxies } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'

export const metadata: Metadata = { title: 'Proxies' }

export default async function ProxiesPage() {
  const view = await readProxies(await currentActor())
  return (
    <>
      <LiveRefresh />
      <PageHead title="Proxies" facts={<Facts view={view} />} />
      <PageBody>
        <Sheet>
          {view.proxies.length > 0 ? (
            <ProxyTable proxies={view.proxies} />
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

function ProxyTable({ proxies }: { proxies: readonly ProxyView[] }) {
  return (
    <Table aria-label="Proxies">
      <thead>
        <tr>
          <Th>Proxy</Th>
          <Th>State</Th>
          <Th>Revision</Th>
          <Th>Version</Th>
          <Th>Last heard</Th>
          <Th>Started</Th>
          <Th end>Spool</Th>
          <Th end>Lag</Th>
          <Th end>Gaps</Th>
          <Th end>Added p50</Th>
          <Th end>p99</Th>
        </tr>
      </thead>
      <tbody>
        {proxies.map(proxy => (
          <ProxyRow key={proxy.name} proxy={proxy} />
        ))}
      </tbody>
    </Table>
  )
}

function ProxyRow({ proxy }: { proxy: ProxyView }) {
  const { status } = proxy
  return (
    <Tr>
      <Td mono>
        <TextLink href={`/audit?proxy=${encodeURIComponent(proxy.name)}&range=24h`} className="font-label">
          {proxy.name}
        </TextLink>
      </Td>
      <Td>
        <ProxyHealth proxy={proxy} />
      </Td>
      <Td>
        {proxy.revision === null ? <span className="text-ink-3">none</span> : <RuleCite>r{proxy.revision}</RuleCite>}
        {proxy.activatedAt ? (
          <span className="ml-2 text-xs text-ink-3">
            <Time at={proxy.activatedAt} />
          </span>
        ) : null}
      </Td>
      <Td mono>{proxy.version}</Td>
      <Td>
        <Time at={proxy.seenAt} />
      </Td>
      <Td>
        <Time at={proxy.startedAt} />
      </Td>
      <Td end>{amount(status.spooled)}</Td>
      <Td end>{span(status.shipLagMs)}</Td>
      <Td end className={(status.auditGap ?? 0) > 0 ? 'font-head text-bad-ink' : undefined}>
        {amount(status.auditGap)}
      </Td>
      <Td end>{span(status.addedP50Ms)}</Td>
      <Td end>{span(status.addedP99Ms)}</Td>
    </Tr>
  )
}

/** A proxy of another version may not say. */
const unsaid = <span className="text-ink-3">not said</span>
const amount = (count: number | undefined) => (count === undefined ? unsaid : count.toLocaleString('en'))
const span = (ms: number | undefined) => (ms === undefined ? unsaid : duration(ms))
