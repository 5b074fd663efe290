/** Spans of time that lists and charts are bounded by. Pure, and without zod, so that client components may import it. */

export const RANGE_PRESETS = ['1h', '24h', '7d', '30d'] as const
export type RangePreset = (typeof RANGE_PRESETS)[number]

/** A preset counts back from now; otherwise two instants, the second one excluded. */
export type TimeRange = { readonly preset: RangePreset } | { readonly from: Date; readonly to: Date }

/** A range made of whole buckets since 1970 UTC: list, chart and counts of one view agree because they share it. */
export interface TimeWindow {
  readonly from: Date
  /** Excluded. For a preset the end of the bucket that now falls in. */
  readonly to: Date
  readonly stepSeconds: number
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
/** The longest span that a view may cover, in days. */
export const LONGEST_RANGE_DAYS = 92

const presets: Record<RangePreset, { spanSeconds: number; stepSeconds: number; words: string }> = {
  '1h': { spanSeconds: HOUR, stepSeconds: MINUTE, words: 'hour' },
  '24h': { spanSeconds: DAY, stepSeconds: HOUR, words: '24 hours' },
  '7d': { spanSeconds: 7 * DAY, stepSeconds: 2 * HOUR, words: '7 days' },
  '30d': { spanSeconds: 30 * DAY, stepSeconds: 6 * HOUR, words: '30 days' },
}

/** Longest span in seconds that is still drawn in buckets of this many seconds; at most 130 buckets each. */
const steps: readonly (readonly [spanSeconds: number, stepSeconds: number])[] = [
  [2 * MINUTE, 1],
  [20 * MINUTE, 10],
  [2 * HOUR, MINUTE],
  [10 * HOUR, 5 * MINUTE],
  [DAY - 1, 15 * MINUTE],
  [5 * DAY, HOUR],
  [10 * DAY, 2 * HOUR],
  [31 * DAY, 6 * HOUR],
]

const floorTo = (ms: number, stepSeconds: number) => Math.floor(ms / (stepSeconds * 1000)) * stepSeconds * 1000
const ceilTo = (ms: number, stepSeconds: number) => Math.ceil(ms / (stepSeconds * 1000)) * stepSeconds * 1000

export function isRangePreset(value: string): value is RangePreset {
  return (RANGE_PRESETS as readonly string[]).includes(value)
}

/**
 * The window of a range: widened to whole buckets, so that hourly roll-ups answer exactly what raw records would.
 * @param nowMs Unix milliseconds
 */
export function windowOf(range: TimeRange, nowMs: number): TimeWindow {
  if ('preset' in range) {
    const { spanSeconds, stepSeconds } = presets[range.preset]
    const bucket = floorTo(nowMs, stepSeconds)
    return { from: new Date(bucket - spanSeconds * 1000), to: new Date(bucket + stepSeconds * 1000), stepSeconds }
  }
  const longest = LONGEST_RANGE_DAYS * DAY * 1000
  const toMs = range.to.getTime()
  const fromMs = Math.max(range.from.getTime(), toMs - longest)
  const spanSeconds = (toMs - fromMs) / 1000
  const stepSeconds = steps.find(([span]) => spanSeconds <= span)?.[1] ?? DAY
  return { from: new Date(floorTo(fromMs, stepSeconds)), to: new Date(ceilTo(toMs, stepSeconds)), stepSeconds }
}

/** Whether hourly roll-ups can answer for this window. */
export function isWholeHours(window: TimeWindow): boolean {
  return window.stepSeconds % HOUR === 0
}

export function bucketCount(window: TimeWindow): number {
  return Math.round((window.to.getTime() - window.from.getTime()) / 1000 / window.stepSeconds)
}

/** The range in words: `last 24 hours`, or `2026-11-20 14:00 to 15:00`. UTC. */
export function rangeWords(range: TimeRange): string {
  if ('preset' in range) return `last ${presets[range.preset].words}`
  const [fromDay, fromTime] = stamp(range.from)
  const [toDay, toTime] = stamp(range.to)
  return `${fromDay} ${fromTime} to ${fromDay === toDay ? toTime : `${toDay} ${toTime}`}`
}

function stamp(at: Date): [day: string, time: string] {
  const text = at.toISOString()
  const hasSeconds = at.getTime() % 60_000 !== 0
  return [text.slice(0, 10), text.slice(11, hasSeconds ? 19 : 16)]
}
