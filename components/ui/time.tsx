'use client'

import { useSyncExternalStore } from 'react'
import { classes } from './classes'
import { absoluteDay, clockTime, fullInstant, relativeTime } from './when'

/** How often relative times are said anew, in milliseconds. */
const rhythmMs = 10_000

const listeners = new Set<() => void>()
/** Epoch milliseconds, as of the last tick. */
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for all relative times of a page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      for (const each of listeners) each()
    }, rhythmMs)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

const readNow = () => now
/** On the server the module is older than the request; whole seconds stay the same within one rendering. */
const readSecond = () => Math.floor(Date.now() / 1_000) * 1_000

/** `12 s ago`, kept current, with the whole instant in `title`. `at` is a Date or an ISO string. */
export function Time({ at, className }: { at: Date | string; className?: string }) {
  const nowMs = useSyncExternalStore(subscribe, readNow, readSecond)
  const instant = new Date(at)
  return (
    <time
      dateTime={instant.toISOString()}
      title={fullInstant(instant)}
      suppressHydrationWarning
      className={classes('whitespace-nowrap', className)}
    >
      {relativeTime(instant, new Date(nowMs))}
    </time>
  )
}

const shapes = {
  clock: clockTime,
  day: absoluteDay,
  both: (instant: Date) => `${absoluteDay(instant)}, ${clockTime(instant)}`,
} as const

/** An instant as it stands in a record, in UTC: the clock, the day or both; the whole of it in `title`. */
export function Instant({
  at,
  show = 'both',
  className,
}: {
  at: Date | string
  show?: keyof typeof shapes
  className?: string
}) {
  const instant = new Date(at)
  return (
    <time
      dateTime={instant.toISOString()}
      title={fullInstant(instant)}
      className={classes('whitespace-nowrap tabular-nums', show === 'clock' && 'font-mono text-xs', className)}
    >
      {shapes[show](instant)}
    </time>
  )
}
