import { bytes, duration } from '@/components/data-table/effect-looks'
import { ProxyHealth } from '@/components/data-table/proxy-health'
import { RuleCite } from '@/components/ui/rule-cite'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import type { ProxyView } from '@/lib/audit/queries'

/** Every proxy with what is in force there, what it still has to hand over, and what it costs a call. */
export function ProxyTable({ proxies }: { proxies: readonly ProxyView[] }) {
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
        <CallsLink name={proxy.name} />
      </Td>
      <Td>
        <ProxyHealth proxy={proxy} />
      </Td>
      <Td>
        <Revision proxy={proxy} />
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
      <Td end>{size(status.spoolBytes)}</Td>
      <Td end>{span(status.shippedLagMs)}</Td>
      <Td end className={(status.auditGap ?? 0) > 0 ? 'font-head text-bad-ink' : undefined}>
        {amount(status.auditGap)}
      </Td>
      <Td end>{span(status.addedP50Ms || undefined)}</Td>
      <Td end>{span(status.addedP99Ms || undefined)}</Td>
    </Tr>
  )
}

/** A proxy of another version may not say, and one without calls has no latency. */
const unsaid = <span className="text-ink-3">none yet</span>
const amount = (count: number | undefined) => (count === undefined ? unsaid : count.toLocaleString('en'))
const size = (count: number | undefined) => (count === undefined ? unsaid : bytes(count))
const span = (ms: number | undefined) => (ms === undefined ? unsaid : duration(ms))

/** Two lines each, where the window is narrow. */
export function NarrowProxies({ proxies }: { proxies: readonly ProxyView[] }) {
  return (
    <ul aria-label="Proxies" className="md:hidden">
      {proxies.map(proxy => (
        <li key={proxy.name} className="border-b border-line px-4 py-2.5 last:border-b-0">
          <div className="flex items-center gap-2.5">
            <span className="cut flex-1">
              <CallsLink name={proxy.name} />
            </span>
            <ProxyHealth proxy={proxy} />
            <Revision proxy={proxy} />
          </div>
          <div className="mt-1 flex flex-wrap items-center gap-x-3 text-xs text-ink-2 tabular-nums">
            <span>
              heard <Time at={proxy.seenAt} />
            </span>
            <span>spool {size(proxy.status.spoolBytes)}</span>
            <span>lag {span(proxy.status.shippedLagMs)}</span>
            <span>p99 {span(proxy.status.addedP99Ms || undefined)}</span>
          </div>
        </li>
      ))}
    </ul>
  )
}

function CallsLink({ name }: { name: string }) {
  return (
    <TextLink href={`/audit?proxy=${encodeURIComponent(name)}&range=24h`} className="font-mono text-xs font-label">
      {name}
    </TextLink>
  )
}

function Revision({ proxy: { revision } }: { proxy: ProxyView }) {
  return revision === null ? <span className="text-ink-3">none</span> : <RuleCite>r{revision}</RuleCite>
}
