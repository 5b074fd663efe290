import type { Sql } from '@/lib/db/sql'
import type { RecordFilter } from '../filter/model'
import type { TimeWindow } from '../filter/range'
import { readOrGiveUp } from './bounded-read'
import { type Cursor, type Side, whereOf } from './where'

const DAY_MS = 86_400_000
/** The first stretch of a walk, in milliseconds of the record's time: on a busy record it fills a page. */
const FIRST_STRETCH_MS = 3_600_000
/** A stretch that took less than this many milliseconds is followed by one so many times as long. */
const growth: readonly (readonly [tookMs: number, factor: number])[] = [
  [10, 24],
  [40, 8],
  [150, 2],
]
/** Days that one statement covers at most, since each is planned by itself. */
const MOST_DAYS = 31
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
 * Reads the records of a view beside a cursor, in stretches of time that grow, each of them one bounded statement. A filter
 * that an index answers is through in two or three; any other one stops in time and says where.
 * @param columns of `decisions d`, the time among them
 */
export async function walk<Row extends { time: Date }>(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  columns: string,
  { cursor, side = 'older', limit, longestMs = LONGEST_WALK_MS, showAfterMs = longestMs }: WalkOptions,
): Promise<Walked<Row>> {
  const isBack = side !== 'newer'
  const end = isBack ? window.from.getTime() : window.to.getTime()
  const first = startOf(window, cursor, isBack)
  const rows: Row[] = []
  let at = first
  let span = FIRST_STRETCH_MS
  const began = performance.now()
  const isDone = () => at === end || rows.length >= limit
  await readOrGiveUp(sql, longestMs, async () => {
    while (!isDone()) {
      const next = isBack ? Math.max(end, at - span) : Math.min(end, at + span)
      const stretchBegan = performance.now()
      const options = { cursor, side, isWide: at !== first }
      rows.push(...(await selectStretch<Row>(sql, filter, [at, next], columns, limit - rows.length, options)))
      at = next
      const now = performance.now()
      const factor = growth.find(([tookMs]) => now - stretchBegan < tookMs)?.[1] ?? 1
      span = Math.min(span * factor, MOST_DAYS * DAY_MS)
      if (now - began > (rows.length > 0 ? showAfterMs : longestMs)) return
    }
  })
  return { rows, searchedTo: isDone() ? null : new Date(at) }
}

/**
 * Day by day, from `at` on: the planner then knows of each day how rare a value is in it, and days after the last row that
 * is wanted are never read. Appended parts run in the order in which they stand.
 */
function selectStretch<Row extends object>(
  sql: Sql,
  filter: RecordFilter,
  [at, next]: readonly [number, number],
  columns: string,
  limit: number,
  options: { cursor: Cursor | undefined; side: Side; isWide: boolean },
): Promise<Row[]> {
  const parameters: unknown[] = []
  const isBack = next < at
  const order = isBack ? 'DESC' : 'ASC'
  const parts = daysBetween(at, next).map(([from, to]) => {
    const window = { from: new Date(from), to: new Date(to) }
    const { text } = whereOf(filter, window, { ...options, parameters })
    return `SELECT ${columns} FROM decisions d WHERE ${text} ORDER BY d.time ${order}, d.id ${order} LIMIT ${limit}`
  })
  const [only, ...others] = parts
  const text =
    others.length === 0 ? (only ?? '') : `${parts.map(part => `(${part})`).join(' UNION ALL ')} LIMIT ${limit}`
  return sql.query<Row>(text, parameters)
}

/** The days from `at` to `next`, whichever is later, in that order, cut at both ends. */
function daysBetween(at: number, next: number): [from: number, to: number][] {
  const [from, to] = [Math.min(at, next), Math.max(at, next)]
  const days: [number, number][] = []
  for (let start = from; start < to; ) {
    const end = Math.min(to, (Math.floor(start / DAY_MS) + 1) * DAY_MS)
    days.push([start, end])
    start = end
  }
  return next < at ? days.reverse() : days
}

/** A millisecond past the cursor's own, which its comparison then leaves out or takes in. */
function startOf({ from, to }: TimeWindow, cursor: Cursor | undefined, isBack: boolean): number {
  const [earliest, latest] = [from.getTime(), to.getTime()]
  if (!cursor) return isBack ? latest : earliest
  return Math.min(latest, Math.max(earliest, isBack ? cursor.timeMs + 1 : cursor.timeMs))
}
