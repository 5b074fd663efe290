'use client'

import { useRouter } from 'next/navigation'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { Kbd } from '@/components/ui/kbd'
import type { GateBucket } from './gate-chart'
import { refusedOf } from './scale'
import { spanLabel } from './time-labels'

/** How the address of a stretch of time is written: the page, and the parameters it keeps. */
export interface ZoomTarget {
  path: string
  /** Without range, from and to. */
  search: string
}

/** Buckets from `start` to `end`, both included, in whichever order they were reached. */
interface Stretch {
  start: number
  end: number
}

/**
 * Selecting time on a chart. Pointer: a press takes one bucket, a drag several, release zooms.
 * Keys: arrows move, with Shift they widen, Enter zooms, Escape lets go.
 */
export function GateSelection({
  buckets,
  stepSeconds,
  height,
  zoom,
}: {
  buckets: readonly GateBucket[]
  stepSeconds: number
  height: number
  zoom: ZoomTarget
}) {
  const router = useRouter()
  const area = useRef<HTMLDivElement>(null)
  const [stretch, setStretch] = useState<Stretch | null>(null)
  const [isDragging, setDragging] = useState(false)

  const last = buckets.length - 1
  const bounded = (bucket: number) => Math.max(0, Math.min(last, bucket))
  const bucketAt = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect()
    return box ? bounded(Math.floor(((event.clientX - box.left) / box.width) * buckets.length)) : 0
  }
  const open = ({ start, end }: Stretch) => {
    const from = buckets[Math.min(start, end)]?.startMs
    const to = buckets[Math.max(start, end)]?.startMs
    if (from === undefined || to === undefined) return
    setStretch(null)
    const parameters = new URLSearchParams(zoom.search)
    parameters.set('from', new Date(from).toISOString())
    parameters.set('to', new Date(to + stepSeconds * 1000).toISOString())
    router.push(`${zoom.path}?${parameters}`, { scroll: false })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last }[event.key]
    if (move !== undefined) {
      const end = bounded((stretch?.end ?? last) + move)
      setStretch({ start: event.shiftKey ? (stretch?.start ?? end) : end, end })
    } else if (event.key === 'Enter' && stretch) open(stretch)
    else if (event.key === 'Escape' && stretch) setStretch(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      ref={area}
      role="slider"
      tabIndex={0}
      aria-label="Time on the chart: arrows choose, Enter opens"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={stretch?.end ?? last}
      aria-valuetext={stretch ? words(buckets, stretch, stepSeconds) : 'nothing chosen'}
      className="absolute inset-x-0 top-0 mr-10 cursor-crosshair touch-pan-y"
      style={{ height }}
      onKeyDown={onKeyDown}
      onBlur={() => setStretch(null)}
      onPointerDown={event => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDragging(true)
        setStretch({ start: bucketAt(event), end: bucketAt(event) })
      }}
      onPointerMove={event => {
        const end = bucketAt(event)
        setStretch(now => ({ start: isDragging && now ? now.start : end, end }))
      }}
      onPointerUp={() => {
        if (isDragging && stretch) open(stretch)
        setDragging(false)
      }}
      onPointerCancel={() => setDragging(false)}
      onPointerLeave={() => {
        if (!isDragging) setStretch(null)
      }}
    >
      {stretch ? <Brush buckets={buckets} stretch={stretch} stepSeconds={stepSeconds} /> : null}
    </div>
  )
}

function Brush({
  buckets,
  stretch,
  stepSeconds,
}: {
  buckets: readonly GateBucket[]
  stretch: Stretch
  stepSeconds: number
}) {
  const from = (Math.min(stretch.start, stretch.end) / buckets.length) * 100
  const width = ((Math.abs(stretch.end - stretch.start) + 1) / buckets.length) * 100
  const isRight = from + width / 2 > 50
  return (
    <>
      <div
        className="pointer-events-none absolute inset-y-0 border-x border-accent bg-[color-mix(in_oklab,var(--accent)_10%,transparent)]"
        style={{ left: `${from}%`, width: `${width}%` }}
      />
      <div
        className="pointer-events-none absolute top-0 z-sticky flex items-center gap-2 rounded-1 bg-accent px-2 text-2xs leading-5 font-label whitespace-nowrap text-on-accent tabular-nums"
        style={isRight ? { right: `${100 - from}%` } : { left: `${from + width}%` }}
      >
        {words(buckets, stretch, stepSeconds)}
        <span className="max-md:hidden">
          <Kbd>↵</Kbd>
        </span>
      </div>
    </>
  )
}

function words(buckets: readonly GateBucket[], { start, end }: Stretch, stepSeconds: number): string {
  const chosen = buckets.slice(Math.min(start, end), Math.max(start, end) + 1)
  const first = chosen[0]?.startMs ?? 0
  const forwarded = chosen.reduce((sum, { counts }) => sum + counts.allow, 0)
  const refused = chosen.reduce((sum, { counts }) => sum + refusedOf(counts), 0)
  const span = spanLabel(first, first + chosen.length * stepSeconds * 1000, stepSeconds)
  return `${span}\u2002${forwarded.toLocaleString('en')} forwarded, ${refused.toLocaleString('en')} not`
}
