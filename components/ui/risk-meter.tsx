import { classes } from './classes'

export type RiskLevel = 'low' | 'medium' | 'high' | 'critical'

const levels: Record<RiskLevel, { bars: number; word: string; text: string; fill: string }> = {
  low: { bars: 1, word: 'Low', text: 'text-risk-low-ink', fill: 'fill-risk-low' },
  medium: { bars: 2, word: 'Medium', text: 'text-risk-medium-ink', fill: 'fill-risk-medium' },
  high: { bars: 3, word: 'High', text: 'text-risk-high-ink', fill: 'fill-risk-high' },
  critical: { bars: 4, word: 'Critical', text: 'text-risk-critical-ink font-head', fill: 'fill-risk-critical' },
}

/** Four bars that count the risk, with its word. */
export function RiskMeter({ risk, wordless = false }: { risk: RiskLevel; wordless?: boolean }) {
  const level = levels[risk]
  return (
    <span
      className={classes(
        'inline-flex items-center gap-[7px] align-middle text-xs leading-5 font-label whitespace-nowrap',
        level.text,
      )}
    >
      <svg viewBox="0 0 15 12" aria-hidden="true" className="h-3 w-[15px] flex-none">
        {[0, 1, 2, 3].map(bar => (
          <rect
            key={bar}
            className={bar < level.bars ? level.fill : 'fill-line-strong'}
            x={bar * 4}
            y={9 - bar * 3}
            width={3}
            height={3 + bar * 3}
          />
        ))}
      </svg>
      {wordless ? <span className="sr-only">{level.word}</span> : level.word}
    </span>
  )
}
