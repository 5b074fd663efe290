import { bytes, duration } from '@/components/data-table/effect-looks'
import { ProxyHealth } from '@/components/data-table/proxy-health'
import { RuleCite } from '@/components/ui/rule-cite'
import { Cell } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import type { ProxiesView } from '@/lib/audit/queries'

const MOST_SHOWN = 5

/** What decides now: each proxy, the revision in force there, and what it still has to hand over. */
export function ProxiesCell({ view: { proxies, revision, publishedAt, publishedBy } }: { view: ProxiesView }) {
  const alive = proxies.filter(proxy => proxy.state !== 'stopped')
  const isAgreed = alive.length > 0 && alive.every(proxy => proxy.agrees && proxy.state === 'running')
  return (
    <Cell
      span={4}
      title="Proxies"
      note={isAgreed ? 'all agree' : undefined}
      end={<TextLink href="/proxies">All proxies</TextLink>}
    >
      {alive.length === 0 ? <p className="text-xs text-ink-2">No proxy reports, so no call is decided.</p> : null}
      <ul>
        {alive.slice(0, MOST_SHOWN).map(proxy => (
          <li key={proxy.name} className="flex min-h-8 items-center gap-2.5 text-xs">
            <ProxyHealth proxy={proxy} wordless />
            <span className="cut flex-1 font-mono">{proxy.name}</span>
            {proxy.revision === null ? (
              <span className="text-ink-3">no policy</span>
            ) : (
              <RuleCite>r{proxy.revision}</RuleCite>
            )}
            {proxy.state === 'late' ? (
              <span className="flex-none text-right whitespace-nowrap text-warn-ink">
                silent, <Time at={proxy.seenAt} />
              </span>
            ) : (
              <span className="min-w-32 flex-none text-right whitespace-nowrap text-ink-2 tabular-nums">
                {proxy.status.shippedLagMs === undefined ? null : <>lag {duration(proxy.status.shippedLagMs)}</>}
                {proxy.status.spoolBytes === undefined ? null : <>, spool {bytes(proxy.status.spoolBytes)}</>}
              </span>
            )}
          </li>
        ))}
      </ul>
      {revision !== null && publishedAt ? (
        <p className="mt-1 text-xs leading-8 text-ink-3">
          r{revision} was published by {publishedBy}, <Time at={publishedAt} />
        </p>
      ) : (
        <p className="mt-1 text-xs leading-8 text-ink-3">Nothing was published yet, so every call is refused.</p>
      )}
    </Cell>
  )
}
