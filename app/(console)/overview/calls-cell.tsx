import { GateChart } from '@/components/charts/gate-chart'
import { EffectLegend } from '@/components/charts/legend'
import { chartSummary } from '@/components/data-table/chart-words'
import { viewHref } from '@/components/data-table/filter-bar'
import { Cell } from '@/components/ui/sheet'
import { type RecordFilter, shownEffects, withValues, writeFilter } from '@/lib/audit/filter/model'
import type { Histogram } from '@/lib/audit/queries'

/** Calls over time by effect. */
export function CallsCell({ histogram, filter }: { histogram: Histogram | null; filter: RecordFilter }) {
  if (!histogram) {
    return (
      <Cell title="Calls by effect">
        <p className="text-ink-2">Too many records to chart. Choose a shorter time.</p>
      </Cell>
    )
  }
  const hrefs = Object.fromEntries(
    shownEffects.map(effect => [effect, viewHref('/audit', withValues(filter, 'effect', [effect]))]),
  )
  const search = writeFilter({ ...filter, range: { preset: '24h' } })
  search.delete('range')
  return (
    <Cell
      title="Calls by effect"
      note={
        <span className="max-md:hidden">above the line: forwarded · below: not, on its own scale · drag to zoom</span>
      }
      end={<EffectLegend totals={histogram.totals} hrefs={hrefs} />}
    >
      <GateChart
        buckets={histogram.buckets}
        stepSeconds={histogram.window.stepSeconds}
        height={244}
        summary={chartSummary(histogram, filter.range)}
        zoom={{ path: '/audit', search: search.toString() }}
      />
    </Cell>
  )
}
