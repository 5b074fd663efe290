import { refuseField } from '@/lib/auth/refusal'

const HOUR_MS = 3_600_000

/** What can be chosen as an end, in hours from now; `day` is a day of its own, '' is none. */
export const ends = [
  { value: '8', label: 'for 8 hours' },
  { value: '24', label: 'for 1 day' },
  { value: '168', label: 'for 7 days' },
  { value: '720', label: 'for 30 days' },
  { value: '2160', label: 'for 90 days' },
  { value: 'day', label: 'until the end of a day' },
  { value: '', label: 'until revoked' },
] as const

/**
 * The instant that was chosen, null for none.
 * @param day `YYYY-MM-DD`; ends with that day, in UTC
 * @throws Refusal beside `field` when the day is missing or is none
 */
export function endOf(chosen: string, day: string, field: string, now = Date.now()): Date | null {
  if (chosen === '') return null
  if (chosen === 'day') {
    const end = new Date(`${day}T23:59:59.999Z`)
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(end.getTime()) || !end.toISOString().startsWith(day))
      throw refuseField(field, 'Choose the day that it ends with.')
    if (end.getTime() <= now) throw refuseField(field, 'That day is over. Choose today or a later one.')
    return end
  }
  const hours = Number(chosen)
  if (!ends.some(end => end.value === chosen) || !Number.isInteger(hours))
    throw refuseField('until', 'Choose an end from the list.')
  return new Date(now + hours * HOUR_MS)
}
