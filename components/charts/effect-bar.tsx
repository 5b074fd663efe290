import { useId } from 'react'

/** A bar in a row, as long as its share; hatched where a limit refused. The number stands beside it. */
export function EffectBar({ share, effect }: { share: number; effect: 'deny' | 'limited' | 'approval' }) {
  const hatch = useId()
  return (
    <svg aria-hidden="true" width="100%" height={6} className="block">
      {effect === 'limited' ? (
        <pattern id={hatch} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
          <rect width="4" height="2.2" className="fill-limited" />
        </pattern>
      ) : null}
      <rect
        width={`${Math.max(1, share * 100).toFixed(1)}%`}
        height={6}
        className={effect === 'deny' ? 'fill-deny' : effect === 'approval' ? 'fill-approval' : undefined}
        fill={effect === 'limited' ? `url(#${hatch})` : undefined}
      />
    </svg>
  )
}
