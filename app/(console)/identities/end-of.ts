import { refuseField } from '@/lib/auth/refusal'
import { ends } from './ends'

const HOUR_MS = 3_600_000

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
