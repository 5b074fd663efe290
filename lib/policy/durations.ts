const NAMED: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 }
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** Seconds of `60`, `minute`, `90s`, `15m`, `6h`; null when it is none of these. */
export function secondsOf(written: number | string): number | null {
  if (typeof written === 'number') return Number.isInteger(written) && written > 0 ? written : null
  const named = Object.hasOwn(NAMED, written) ? NAMED[written] : undefined
  if (named !== undefined) return named
  const match = /^([1-9][0-9]{0,7})([smh])$/.exec(written)
  return match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0) : null
}

/** How a window is said: `minute`, `15 minutes`, `90 seconds`. */
export function sayWindow(seconds: number): string {
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const) {
    if (seconds % size === 0) return seconds === size ? unit : `${seconds / size} ${unit}s`
  }
  return seconds === 1 ? 'second' : `${seconds} seconds`
}
