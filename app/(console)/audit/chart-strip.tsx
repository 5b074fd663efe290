import { GateChart } from '@/components/charts/gate-chart'
import { EffectLegend } from '@/components/charts/legend'
import { chartSummary } from '@/components/data-table/chart-words'
import { viewHref } from '@/components/data-table/filter-bar'
import { type RecordFilter, shownEffects, withValues, writeFilter } from '@/lib/audit/filter/model'
import type { Histogram } from '@/lib/audit/queries'

/** The calls of the list over its time. */
export function ChartStrip({ histogram, filter }: { histogram: Histogram | null; filter: RecordFilter }) {
  if (!histogram) {
    return (
      <p className="border-b border-line bg-paper px-4 py-3 text-xs text-ink-2 md:px-6">
        Too many records to chart with these filters. Choose a shorter time.
      </p>
    )
  }
  if (Object.values(histogram.totals).every(count => count === 0)) return null
  const hrefs = Object.fromEntries(
    shownEffects.map(effect => [effect, viewHref('/audit', withValues(filter, 'effect', [effect]))]),
  )
  return (
    <div className="border-b border-line bg-paper px-4 pt-3 pb-2 md:px-6">
      <div className="mb-2 flex flex-wrap items-center gap-x-5 gap-y-1">
        <EffectLegend totals={histogram.totals} hrefs={hrefs} />
        <span className="ml-auto text-xs text-ink-3 @max-[58rem]:hidden">
          above the line: forwarded · below: not, on its own scale · drag to zoom
        </span>
      </div>
      <GateChart
        buckets={histogram.buckets}
        stepSeconds={histogram.window.stepSeconds}
        height={112}
        summary={chartSummary(histogram, filter.range)}
        zoom={{ path: '/audit', search: withoutTime(filter) }}
      />
    </div>
  )
}

function withoutTime(filter: RecordFilter): string {
  const parameters = writeFilter(filter)
  for (const name of ['range', 'from', 'to']) parameters.delete(name)
  return parameters.toString()
}
