import type { TimeRange } from '@/lib/audit/filter/model'

const QUICK_MS = 5_000
const SLOW_MS = 30_000

/** How often a view reads itself anew, in milliseconds; never when its time is over, seldom when it is long. */
export function rhythmOf(range: TimeRange): number | null {
  if (!('preset' in range)) return null
  return range.preset === '1h' || range.preset === '24h' ? QUICK_MS : SLOW_MS
}
