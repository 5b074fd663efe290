import Link from 'next/link'
import type { GateCounts } from './scale'

const swatches: Record<keyof GateCounts, { word: string; look: string }> = {
  allow: { word: 'Allow', look: 'bg-allow-quiet' },
  deny: { word: 'Deny', look: 'bg-deny' },
  limited: {
    word: 'Limited',
    look: 'edge-limited bg-[repeating-linear-gradient(-45deg,var(--limited)_0_2px,transparent_2px_4px)]',
  },
  require_approval: { word: 'Approval', look: 'bg-approval' },
}

/** The effects of a chart with their counts, each a way into its list. Effects without a call are left out. */
export function EffectLegend({
  totals,
  hrefs,
}: {
  totals: GateCounts
  hrefs?: Readonly<Partial<Record<keyof GateCounts, string>>>
}) {
  const effects = (Object.keys(swatches) as (keyof GateCounts)[]).filter(effect => totals[effect] > 0)
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-xs text-ink">
      {effects.map(effect => {
        const { word, look } = swatches[effect]
        const href = hrefs?.[effect]
        const count = <b className="font-strong tabular-nums">{totals[effect].toLocaleString('en')}</b>
        return (
          <li key={effect} className="flex items-center gap-2">
            <span aria-hidden="true" className={`size-2.5 flex-none rounded-[var(--hair)] ${look}`} />
            {word}{' '}
            {href ? (
              <Link href={href} className="underline-offset-3 hover:underline">
                {count}
              </Link>
            ) : (
              count
            )}
          </li>
        )
      })}
    </ul>
  )
}
