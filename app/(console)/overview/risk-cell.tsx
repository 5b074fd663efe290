import Link from 'next/link'
import { ShareBar } from '@/components/charts/share-bar'
import { riskOf } from '@/components/data-table/effect-looks'
import { viewHref } from '@/components/data-table/filter-bar'
import { type RiskLevel, RiskMeter } from '@/components/ui/risk-meter'
import { Cell } from '@/components/ui/sheet'
import type { FilterCondition, RecordFilter } from '@/lib/audit/filter/model'
import type { Ranking, RiskShare } from '@/lib/audit/queries'

const levels: readonly RiskLevel[] = ['low', 'medium', 'high', 'critical']
const fills: Record<RiskLevel, string> = {
  low: 'bg-risk-low',
  medium: 'bg-risk-medium',
  high: 'bg-risk-high',
  critical: 'bg-risk-critical',
}

/** How risky the forwarded calls were. */
export function RiskCell({ risks: { rows, sampled }, filter }: { risks: Ranking<RiskShare>; filter: RecordFilter }) {
  const countOf = (level: RiskLevel | null) =>
    rows.filter(row => riskOf(row.risk) === level).reduce((sum, row) => sum + row.count, 0)
  const parts = levels.map(level => ({ level, count: countOf(level) }))
  const unclassified = countOf(null)
  const whole = parts.reduce((sum, part) => sum + part.count, unclassified)
  return (
    <Cell
      span={3}
      title="Risk of what ran"
      note={sampled ? `of the newest ${sampled.toLocaleString('en')} calls` : undefined}
    >
      {whole === 0 ? <p className="text-xs text-ink-2">No tool ran.</p> : null}
      <ShareBar
        label={parts.map(({ level, count }) => `${level} ${count}`).join(', ')}
        parts={[
          ...parts.map(({ level, count }) => ({ key: level, count, className: fills[level] })),
          { key: 'none', count: unclassified, className: 'bg-series-rest' },
        ]}
      />
      <ul className="text-xs">
        {parts.map(({ level, count }) => (
          <li key={level} className="grid grid-cols-[1fr_auto_52px] items-center gap-4 leading-6">
            <RiskMeter risk={level} />
            <Count count={count} href={viewHref('/audit', ranAt(filter, level))} />
            <span className="text-right text-ink-3 tabular-nums">{share(count, whole)}</span>
          </li>
        ))}
        {unclassified > 0 ? (
          <li className="grid grid-cols-[1fr_auto_52px] items-center gap-4 leading-6">
            <span className="text-ink-2">Not classified</span>
            <Count count={unclassified} href={viewHref('/audit', ranAt(filter, ''))} />
            <span className="text-right text-ink-3 tabular-nums">{share(unclassified, whole)}</span>
          </li>
        ) : null}
      </ul>
    </Cell>
  )
}

function Count({ count, href }: { count: number; href: string }) {
  if (count === 0) return <span className="text-ink-3">0</span>
  return (
    <Link href={href} className="text-sm tabular-nums underline-offset-3 hover:underline">
      {count.toLocaleString('en')}
    </Link>
  )
}

function ranAt(filter: RecordFilter, risk: string): RecordFilter {
  const more: FilterCondition[] = [
    { field: 'effect', operator: 'is', values: ['allow'] },
    { field: 'risk', operator: 'is', values: [risk] },
  ]
  return { ...filter, conditions: [...filter.conditions, ...more] }
}

function share(count: number, whole: number): string {
  const percent = whole === 0 ? 0 : (count / whole) * 100
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toFixed(1)}\u2009%`
}
