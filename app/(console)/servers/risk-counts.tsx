import { RiskMeter } from '@/components/ui/risk-meter'
import type { Risk } from '@/lib/catalogue/model'

const levels: readonly Risk[] = ['low', 'medium', 'high', 'critical']

/** How many tools there are of each risk, leaving out what there is none of. */
export function RiskCounts({ byRisk }: { byRisk: Readonly<Record<Risk, number>> }) {
  const present = levels.filter(risk => byRisk[risk] > 0)
  if (present.length === 0) return <span className="text-xs text-ink-3">No tools</span>
  return (
    <span className="inline-flex flex-wrap gap-x-4 gap-y-0.5">
      {present.map(risk => (
        <span key={risk} className="inline-flex items-center gap-1.5">
          <b className="font-strong tabular-nums">{byRisk[risk]}</b>
          <RiskMeter risk={risk} />
        </span>
      ))}
    </span>
  )
}
