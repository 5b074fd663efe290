import type { Sql } from '@/lib/db/sql'
import type { FilterCondition, RecordFilter, ShownEffect } from '../filter/model'
import { bucketCount, isWholeHours, type TimeWindow } from '../filter/range'
import { readOrGiveUp } from './bounded-read'
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
  const rows = await readOrGiveUp(sql, LONGEST_CHART_MS, () =>
    canRollUp(filter, window) ? selectRolledUp(sql, filter, window) : selectRaw(sql, filter, window),
  )
  return rows === null ? null : histogramOf(rows, window)
}

interface CountRow {
  bucket: number
  effect: ShownEffect
  count: string
}

/** Whether hourly roll-ups can answer exactly; calls without a tool are in none of those by tool. */
export function canRollUp(filter: RecordFilter, window: TimeWindow): boolean {
  const isKept = ({ field, operator, values }: FilterCondition) =>
    field === 'effect' || field === 'server' || (field === 'tool' && operator === 'is' && !values.includes(''))
  return isWholeHours(window) && filter.conditions.every(isKept)
}

function selectRaw(sql: Sql, filter: RecordFilter, window: TimeWindow): Promise<CountRow[]> {
  const where = whereOf(filter, window)
  return sql.query<CountRow>(
    `SELECT floor(extract(epoch FROM d.time - $1::timestamptz) / ${window.stepSeconds})::integer AS bucket,
       CASE WHEN d.code = 'rate_limited' THEN 'limited' ELSE d.effect END AS effect, count(*) AS count
     FROM decisions d WHERE ${where.text} GROUP BY 1, 2`,
    where.parameters,
  )
}

/** The roll-up shaped like decisions, so that one condition serves both. */
function selectRolledUp(sql: Sql, filter: RecordFilter, window: TimeWindow): Promise<CountRow[]> {
  const byTool = filter.conditions.some(({ field }) => field === 'tool')
  const where = whereOf(filter, window)
  return sql.query<CountRow>(
    `SELECT floor(extract(epoch FROM d.time - $1::timestamptz) / ${window.stepSeconds})::integer AS bucket,
       CASE WHEN d.code = 'rate_limited' THEN 'limited' ELSE d.effect END AS effect, sum(d.count) AS count
     FROM (SELECT hour AS time, server, ${byTool ? 'tool,' : ''} count,
         CASE WHEN effect = 'rate_limited' THEN 'deny' ELSE effect END AS effect,
         CASE WHEN effect = 'rate_limited' THEN 'rate_limited' END AS code
       FROM ${byTool ? 'decision_tool_hours' : 'decision_hours'} WHERE hour >= $1 AND hour < $2) d
     WHERE ${where.text} GROUP BY 1, 2`,
    where.parameters,
  )
}

function histogramOf(rows: readonly CountRow[], window: TimeWindow): Histogram {
  const buckets = Array.from({ length: bucketCount(window) }, (_, index) => ({
    startMs: window.from.getTime() + index * window.stepSeconds * 1000,
    counts: noCalls(),
  }))
  const totals = noCalls()
  for (const { bucket, effect, count } of rows) {
    const counts = buckets[bucket]?.counts
    if (!counts) continue
    counts[effect] += Number(count)
    totals[effect] += Number(count)
  }
  return { window, buckets, totals }
}

export function noCalls(): EffectCounts {
  return { allow: 0, deny: 0, limited: 0, require_approval: 0 }
}
