import type { Sql } from '@/lib/db/sql'
import type { RecordFilter, ShownEffect } from '../filter/model'
import { bucketCount, type TimeWindow } from '../filter/range'
import { readOrGiveUp } from './bounded-read'
import { rolledUp, rollUpFor } from './roll-ups'
import { whereOf } from './where'

/** Calls of one bucket by effect. */
export type EffectCounts = Record<ShownEffect, number>

export interface Bucket {
  /** Unix milliseconds of its start. */
  startMs: number
  counts: EffectCounts
}

export interface Histogram {
  window: TimeWindow
  buckets: Bucket[]
  totals: EffectCounts
}

/** A chart beside a list is worth this much waiting, in milliseconds; then the list stands alone. */
const LONGEST_CHART_MS = 1_500

/** Calls by effect over a window, from hourly roll-ups where they can answer; null when raw records take too long. */
export async function readHistogram(sql: Sql, filter: RecordFilter, window: TimeWindow): Promise<Histogram | null> {
  const by = rollUpFor(filter, window)
  const where = whereOf(filter, window, { isWide: by === null })
  const [source, count] = by ? [rolledUp(by, window, false), 'sum(d.count::float8)'] : ['decisions d', 'count(*)']
  const rows = await readOrGiveUp(sql, LONGEST_CHART_MS, () =>
    sql.query<CountRow>(
      `SELECT date_bin('${window.stepSeconds} seconds', d.time, $1::timestamptz) AS start,
         CASE WHEN d.code = 'rate_limited' THEN 'limited' ELSE d.effect END AS effect, ${count} AS count
       FROM ${source} WHERE ${where.text} GROUP BY 1, 2`,
      where.parameters,
    ),
  )
  return rows === null ? null : histogramOf(rows, window)
}

interface CountRow {
  start: Date
  effect: ShownEffect
  count: string
}

function histogramOf(rows: readonly CountRow[], window: TimeWindow): Histogram {
  const buckets = Array.from({ length: bucketCount(window) }, (_, index) => ({
    startMs: window.from.getTime() + index * window.stepSeconds * 1000,
    counts: noCalls(),
  }))
  const totals = noCalls()
  for (const { start, effect, count } of rows) {
    const counts = buckets[Math.round((start.getTime() - window.from.getTime()) / 1000 / window.stepSeconds)]?.counts
    if (!counts) continue
    counts[effect] += Number(count)
    totals[effect] += Number(count)
  }
  return { window, buckets, totals }
}

export function noCalls(): EffectCounts {
  return { allow: 0, deny: 0, limited: 0, require_approval: 0 }
}
