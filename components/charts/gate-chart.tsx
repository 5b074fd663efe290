import { useId } from 'react'
import { GateSelection, type ZoomTarget } from './gate-selection'
import { type GateCounts, layoutGate } from './scale'
import { axisLabel } from './time-labels'

export interface GateBucket {
  startMs: number
  counts: GateCounts
}

const fills: Record<keyof GateCounts, string> = {
  allow: 'fill-allow-quiet',
  deny: 'fill-deny',
  limited: '',
  require_approval: 'fill-approval',
}

/**
 * Calls over time: above the line what was forwarded, below it what was not, on its own scale.
 * A bucket, or a stretch of them, opens as a filter on time where `zoom` says how its address is written.
 */
export function GateChart({
  buckets,
  stepSeconds,
  height,
  summary,
  zoom,
}: {
  buckets: readonly GateBucket[]
  stepSeconds: number
  /** px */
  height: number
  /** The text alternative: what the chart shows, in a sentence. */
  summary: string
  zoom?: ZoomTarget
}) {
  const hatch = useId()
  const layout = layoutGate(
    buckets.map(bucket => bucket.counts),
    height,
  )
  return (
    <figure className="relative pr-10">
      <svg role="img" aria-label={summary} width="100%" height={height} className="block overflow-visible">
        <Hatch id={hatch} />
        {layout.grid.map(({ y, value }) => (
          <g key={y}>
            <line x1="0" x2="100%" y1={y} y2={y} className="stroke-grid" />
            <text x="100%" dx={38} y={y + 4} textAnchor="end" className="fill-ink-3 font-mono text-2xs tabular-nums">
              {short(value)}
            </text>
          </g>
        ))}
        {layout.bars.map(bar => (
          <rect
            key={`${bar.bucket}-${bar.effect}`}
            x={`${bar.x.toFixed(3)}%`}
            width={`${bar.width.toFixed(3)}%`}
            y={bar.y.toFixed(1)}
            height={bar.height.toFixed(1)}
            className={fills[bar.effect]}
            fill={bar.effect === 'limited' ? `url(#${hatch})` : undefined}
          />
        ))}
        <line x1="0" x2="100%" y1={layout.axis} y2={layout.axis} className="stroke-ink" strokeWidth={1.25} />
      </svg>
      <TimeAxis buckets={buckets} stepSeconds={stepSeconds} />
      {zoom ? <GateSelection buckets={buckets} stepSeconds={stepSeconds} height={height} zoom={zoom} /> : null}
    </figure>
  )
}

/** The pattern of what a limit refused: told from a denial without colour. */
function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <rect width="4" height="4" className="fill-[color-mix(in_oklab,var(--limited)_28%,var(--sheet))]" />
        <rect width="4" height="2.2" className="fill-limited" />
      </pattern>
    </defs>
  )
}

function TimeAxis({ buckets, stepSeconds }: { buckets: readonly GateBucket[]; stepSeconds: number }) {
  const first = buckets[0]?.startMs
  if (first === undefined) return null
  const quarters = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const edge = Math.round(share * buckets.length)
    return { share, x: (edge / buckets.length) * 100, ms: first + edge * stepSeconds * 1000 }
  })
  return (
    <svg width="100%" height={18} aria-hidden="true" className="mt-1 block overflow-visible">
      {quarters.map(({ share, x, ms }) => (
        <text
          key={share}
          x={`${x.toFixed(2)}%`}
          y={12}
          textAnchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}
          className={`fill-ink-3 font-mono text-2xs tabular-nums ${share % 0.5 === 0 ? '' : 'max-md:hidden'}`}
        >
          {axisLabel(ms, stepSeconds)}
        </text>
      ))}
    </svg>
  )
}

function short(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : value.toLocaleString('en')
}
