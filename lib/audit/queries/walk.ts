import type { Sql } from '@/lib/db/sql'
import type { RecordFilter } from '../filter/model'
import type { TimeWindow } from '../filter/range'
import { readOrGiveUp } from './bounded-read'
import { type Cursor, type Side, type Where, whereOf } from './where'

/** The first stretch of a walk, in milliseconds of the record's time: on a busy record it fills a page. */
const FIRST_STRETCH_MS = 3_600_000
/** A stretch that took less than this many milliseconds is followed by one so many times as long. */
const growth: readonly (readonly [tookMs: number, factor: number])[] = [
  [5, 8],
  [30, 4],
  [150, 2],
]
/** What a walk takes for one page before it says how far it came, in milliseconds. */
export const LONGEST_WALK_MS = 1_200

export interface WalkOptions {
  cursor?: Cursor | undefined
  side?: Side
  /** Stops as soon as so many are found. */
  limit: number
  longestMs?: number
  /** Stops early, with what is found, once the first rows are there and this many milliseconds have passed. */
  showAfterMs?: number
}

export interface Walked<Row> {
  rows: Row[]
  /** The instant that everything after was looked at; null when the walk came to the end of its window or is full. */
  searchedTo: Date | null
}

/**
 * Reads the rows of a view beside a cursor, in stretches of time that grow, each of them one bounded statement over few
 * partitions. A filter that an index answers is through in a few; any other one stops in time and says where.
 */
export async function walk<Row extends { time: Date }>(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  { cursor, side = 'older', limit, longestMs = LONGEST_WALK_MS, showAfterMs = longestMs }: WalkOptions,
  select: (where: Where, limit: number) => Promise<Row[]>,
): Promise<Walked<Row>> {
  const isBack = side !== 'newer'
  const end = isBack ? window.from.getTime() : window.to.getTime()
  const rows: Row[] = []
  const first = startOf(window, cursor, isBack)
  let at = first
  let span = FIRST_STRETCH_MS
  const began = performance.now()
  const isDone = () => at === end || rows.length >= limit
  await readOrGiveUp(sql, longestMs, async () => {
    while (!isDone()) {
      const next = isBack ? Math.max(end, at - span) : Math.min(end, at + span)
      const [from, to] = isBack ? [next, at] : [at, next]
      const stretch = { ...window, from: new Date(from), to: new Date(to) }
      const stretchBegan = performance.now()
      rows.push(
        ...(await select(whereOf(filter, stretch, { cursor, side, isWide: at !== first }), limit - rows.length)),
      )
      at = next
      const now = performance.now()
      span *= growth.find(([tookMs]) => now - stretchBegan < tookMs)?.[1] ?? 1
      if (now - began > (rows.length > 0 ? showAfterMs : longestMs)) return
    }
  })
  return { rows, searchedTo: isDone() ? null : new Date(at) }
}

/** A millisecond past the cursor's own, which its comparison then leaves out or takes in. */
function startOf({ from, to }: TimeWindow, cursor: Cursor | undefined, isBack: boolean): number {
  if (!cursor) return isBack ? to.getTime() : from.getTime()
  const at = isBack ? Math.min(to.getTime(), cursor.timeMs + 1) : Math.max(from.getTime(), cursor.timeMs)
  return Math.min(to.getTime(), Math.max(from.getTime(), at))
}
