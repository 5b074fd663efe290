/** How a chart names its times, in UTC. */

const HOUR = 3600
const DAY = 86_400

/** `14:00`, `16 Nov` where buckets are longer than an hour, `14:00:10` where they are shorter than a minute. */
export function axisLabel(ms: number, stepSeconds: number): string {
  const at = new Date(ms)
  if (stepSeconds > HOUR) {
    return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  }
  return at.toISOString().slice(11, stepSeconds < 60 ? 19 : 16)
}

/** A stretch of time in words: `14:00 to 15:00`, with days where they differ from each other or from today's bucket. */
export function spanLabel(fromMs: number, toMs: number, stepSeconds: number): string {
  const clock = (ms: number) => new Date(ms).toISOString().slice(11, stepSeconds < 60 ? 19 : 16)
  const day = (ms: number) => axisLabel(ms, DAY)
  if (stepSeconds >= DAY) {
    return toMs - fromMs <= DAY * 1000 ? day(fromMs) : `${day(fromMs)} to ${day(toMs - 1)}`
  }
  const isOneDay = day(fromMs) === day(toMs - 1)
  return isOneDay
    ? `${day(fromMs)}, ${clock(fromMs)} to ${clock(toMs)}`
    : `${day(fromMs)}, ${clock(fromMs)} to ${day(toMs)}, ${clock(toMs)}`
}
