import { refuseField } from '@/lib/auth/refusal'
import { Moment } from '@/lib/identity/model'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

export const MOMENT_HELP = 'ISO time with a zone, a day (its end in UTC), or a span from now: 90m 8h 30d 4w'

/**
 * Reads a time as people write it on a command line: `2027-01-31T18:00:00Z`, `2027-01-31` for the end of that day in
 * UTC, `8h` from `now` (Unix ms).
 * @throws Refusal `invalid`
 */
export function readMoment(text: string, now: number): Date {
  const span = /^(\d{1,5})([mhdw])$/.exec(text)
  if (span) return new Date(now + Number(span[1]) * unitMs[span[2] as keyof typeof unitMs])
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Moment.safeParse(`${text}T00:00:00Z`) : null
  if (day?.success) return new Date(day.data.getTime() + unitMs.d)
  const moment = Moment.safeParse(text)
  if (moment.success) return moment.data
  throw refuseField('until', `${JSON.stringify(text)} is no time. Write ${MOMENT_HELP}.`)
}

/** A time for people: to the minute, in UTC; `absent` when there is none. */
export function showMoment(moment: Date | null, absent: string): string {
  return moment ? `${moment.toISOString().slice(0, 16).replace('T', ' ')}Z` : absent
}
