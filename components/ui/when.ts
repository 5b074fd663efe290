const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const steps = [
  { under: minute, unit: second, word: 's' },
  { under: hour, unit: minute, word: 'min' },
  { under: 2 * day, unit: hour, word: 'h' },
  { under: 60 * day, unit: day, word: 'days' },
] as const

/** `12 s ago`, `in 3 h`, `now`; from 60 days on the day itself. Units stand after a thin space. */
export function relativeTime(instant: Date, now: Date): string {
  const distance = now.getTime() - instant.getTime()
  const size = Math.abs(distance)
  if (size < 2 * second) return 'now'
  const step = steps.find(({ under }) => size < under)
  if (!step) return absoluteDay(instant)
  const amount = `${Math.floor(size / step.unit)}\u2009${step.word}`
  return distance > 0 ? `${amount} ago` : `in ${amount}`
}

/** `22 Nov 2026`, in UTC. */
export function absoluteDay(instant: Date): string {
  return instant.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
}

/** `18:04:12`, in UTC. */
export function clockTime(instant: Date): string {
  return instant.toISOString().slice(11, 19)
}

/** `2026-11-22 18:04:12.366 UTC`: the whole instant, for `title` and exports. */
export function fullInstant(instant: Date): string {
  return `${instant.toISOString().slice(0, 23).replace('T', ' ')} UTC`
}
