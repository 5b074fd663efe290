import { rangeWords, type TimeRange } from '@/lib/audit/filter/model'
import type { Histogram } from '@/lib/audit/queries'

/** What a chart of calls shows, in a sentence. */
export function chartSummary({ totals }: Histogram, range: TimeRange): string {
  const number = (count: number) => count.toLocaleString('en')
  const span = 'preset' in range ? `in the ${rangeWords(range)}` : `from ${rangeWords(range)}`
  const parts = [
    `${number(totals.allow)} forwarded`,
    `${number(totals.deny)} denied`,
    `${number(totals.limited)} refused by a limit`,
    `${number(totals.require_approval)} sent for approval`,
  ]
  return `Calls ${span}: ${parts.join(', ')}`
}
