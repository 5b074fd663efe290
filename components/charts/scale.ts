/** Where the bars of a gate chart stand. Pure: numbers in, numbers out. */

/** A linear scale from 0 with whole ticks, the last of which is its end. */
export interface Scale {
  max: number
  ticks: number[]
}

const NICE = [1, 2, 2.5, 3, 4, 5, 6, 8]

/** The smallest nice scale of `ticks` steps that holds `most`. Steps are whole, since calls are. */
export function niceScale(most: number, ticks: number): Scale {
  const need = Math.max(1, most / ticks)
  const power = 10 ** Math.floor(Math.log10(need))
  const steps = [...NICE.map(nice => nice * power), 10 * power]
  const step = steps.find(each => Number.isInteger(each) && each >= need) ?? Math.ceil(need)
  return { max: step * ticks, ticks: Array.from({ length: ticks }, (_, index) => step * (index + 1)) }
}

/** What stands below the line, from the line outwards. */
export const REFUSED = ['deny', 'limited', 'require_approval'] as const
export type Refused = (typeof REFUSED)[number]
export type GateCounts = Readonly<Record<'allow' | Refused, number>>

/** One rectangle: `x` and `width` in percent of the plot, `y` and `height` in px. */
export interface Bar {
  bucket: number
  effect: keyof GateCounts
  x: number
  width: number
  y: number
  height: number
}

export interface GateLayout {
  up: Scale
  down: Scale
  /** y of the line, in px. */
  axis: number
  bars: Bar[]
  /** y of each tick, above and below, in px. */
  grid: { y: number; value: number }[]
}

const EDGE = 6
/** A call must be seen, however small beside the others, in px. */
const LEAST = 1.5
const GAP = 1.5
/** How much of a bucket its bar fills. */
const FILL = 0.72

/** Forwarded calls above the line and refused ones below it, each on its own scale. `height` in px. */
export function layoutGate(buckets: readonly GateCounts[], height: number): GateLayout {
  const isTall = height >= 180
  const axis = Math.round(height * 0.715)
  const up = niceScale(Math.max(0, ...buckets.map(counts => counts.allow)), isTall ? 3 : 2)
  const down = niceScale(Math.max(0, ...buckets.map(refusedOf)), isTall ? 2 : 1)
  const upHeight = axis - GAP - EDGE
  const downHeight = height - EDGE - axis - GAP
  const place = { width: (100 / buckets.length) * FILL, offset: (100 / buckets.length) * ((1 - FILL) / 2) }
  const bars = buckets.flatMap((counts, bucket) => {
    const at = { bucket, x: (100 / buckets.length) * bucket + place.offset, width: place.width }
    return [...barAbove(counts, up, axis - GAP, upHeight, at), ...barsBelow(counts, down, axis + GAP, downHeight, at)]
  })
  const grid = [
    ...up.ticks.map(value => ({ value, y: axis - GAP - (value / up.max) * upHeight })),
    ...down.ticks.map(value => ({ value, y: axis + GAP + (value / down.max) * downHeight })),
  ]
  return { up, down, axis, bars, grid }
}

type Place = Pick<Bar, 'bucket' | 'x' | 'width'>

function barAbove(counts: GateCounts, scale: Scale, from: number, most: number, at: Place): Bar[] {
  if (counts.allow === 0) return []
  const height = Math.max(LEAST, (counts.allow / scale.max) * most)
  return [{ ...at, effect: 'allow', y: from - height, height }]
}

function barsBelow(counts: GateCounts, scale: Scale, from: number, most: number, at: Place): Bar[] {
  let y = from
  return REFUSED.flatMap(effect => {
    if (counts[effect] === 0) return []
    const height = Math.max(LEAST, (counts[effect] / scale.max) * most)
    const bar: Bar = { ...at, effect, y, height }
    y += height
    return [bar]
  })
}

export function refusedOf(counts: GateCounts): number {
  return counts.deny + counts.limited + counts.require_approval
}
