import { refuseField } from '@/lib/auth/refusal'
import { Moment } from '@/lib/identity/model'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

export const PAST_HELP = 'ISO time with a zone, a day (its start in UTC), or a span back from now: 90m 8h 30d 4w'

/** Reads a time that has been. @param now Unix ms @throws Refusal `invalid` */
export function readPast(field: string, text: string, now: number): Date {
  const span = /^(\d{1,5})([mhdw])$/.exec(text)
  if (span) return new Date(now - Number(span[1]) * unitMs[span[2] as keyof typeof unitMs])
  const moment = Moment.safeParse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (moment.success) return moment.data
  throw refuseField(field, `--${field}: ${JSON.stringify(text)} is no time. Write ${PAST_HELP}.`)
}
