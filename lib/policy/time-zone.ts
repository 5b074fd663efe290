/** Whether the runtime knows the zone by its IANA name; offsets such as `+02:00` are no zone. */
export function isTimeZone(zone: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone) && formatterFor(zone) !== null
}

/** Wall-clock parts of an instant, as `request.*` shows them. */
export interface WallClock {
  readonly date: string
  readonly time: string
  readonly hour: number
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number
}

const DAY_MS = 86_400_000
/** Zones change their offset only at multiples of this. */
const STEP_MS = 900_000

const offsets = new Map<string, { step: number; offsetMs: number }>()

/** The wall clock of a zone at an instant (epoch milliseconds); null when the instant is none that a Date holds. */
export function wallClockAt(at: number, zone: string): WallClock | null {
  const local = new Date(at + (zone === 'UTC' ? 0 : offsetAt(at, zone)))
  if (Number.isNaN(local.getTime()) || local.getUTCFullYear() < 0 || local.getUTCFullYear() > 9999) return null
  const text = local.toISOString()
  const weekday = (((Math.floor(local.getTime() / DAY_MS) + 3) % 7) + 7) % 7
  return { date: text.slice(0, 10), time: text.slice(11, 16), hour: local.getUTCHours(), weekday: weekday + 1 }
}

/** Offset from UTC, kept for the last quarter of an hour: asking Intl takes microseconds. */
function offsetAt(at: number, zone: string): number {
  const step = Math.floor(at / STEP_MS)
  const known = offsets.get(zone)
  if (known?.step === step) return known.offsetMs
  const offsetMs = readOffset(step * STEP_MS, zone)
  offsets.set(zone, { step, offsetMs })
  return offsetMs
}

function readOffset(at: number, zone: string): number {
  const parts = formatterFor(zone)?.formatToParts(at) ?? []
  const part = (type: string) => Number(parts.find(candidate => candidate.type === type)?.value)
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return wall - Math.floor(at / 1000) * 1000
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterFor(zone: string): Intl.DateTimeFormat | null {
  const known = formatters.get(zone)
  if (known) return known
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formatters.set(zone, formatter)
    return formatter
  } catch {
    return null
  }
}
