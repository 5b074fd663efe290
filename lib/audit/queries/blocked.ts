import type { Actor } from '@/lib/auth/model'
import type { Sql } from '@/lib/db/sql'
import { type RecordFilter, type ShownEffect, shownEffect } from '../filter/model'
import { bucketCount, type TimeWindow, windowOf } from '../filter/range'
import { authoriseView } from './authorise-view'
import { boundedRead } from './bounded-read'
import { whereOf } from './where'

/** Refused calls that are alike in identity, tool, rule and code. */
export interface BlockedPattern {
  /** Newest record of it. */
  id: string
  effect: ShownEffect
  code: string | null
  identity: string | null
  server: string
  tool: string | null
  method: string
  category: string | null
  policy: string | null
  rule: string | null
  line: number | null
  revision: number | null
  /** What the agent read last. */
  message: string | null
  count: number
  first: Date
  last: Date
  /** Calls per bucket of the window, oldest first. */
  counts: number[]
}

export interface BlockedView {
  window: TimeWindow
  patterns: BlockedPattern[]
  /** Set when there are more patterns than are shown. */
  patternsInAll: number
  calls: number
  /** Set when only the newest so many refused calls were counted. */
  sampled: number | null
}

const MOST_REFUSALS = 20_000
const MOST_PATTERNS = 50

interface PatternRow {
  id: string
  effect: string
  code: string | null
  identity: string | null
  server: string
  tool: string | null
  method: string
  category: string | null
  policy: string | null
  rule: string | null
  line: number | null
  revision: string | null
  message: string | null
  count: string
  first: Date
  last: Date
  buckets: Record<string, number>
  patterns: string
  calls: string
}

/** Refused calls of a window in patterns, most first. Approvals are not refusals and stand elsewhere. @throws Refusal */
export async function readBlocked(actor: Actor, filter: RecordFilter, nowMs = Date.now()): Promise<BlockedView> {
  authoriseView(actor, filter)
  const window = windowOf(filter.range, nowMs)
  const rows = await boundedRead(sql => selectPatterns(sql, filter, window))
  const calls = Number(rows[0]?.calls ?? 0)
  return {
    window,
    patterns: rows.map(row => patternOf(row, bucketCount(window))),
    patternsInAll: Number(rows[0]?.patterns ?? 0),
    calls,
    sampled: calls >= MOST_REFUSALS ? MOST_REFUSALS : null,
  }
}

function selectPatterns(sql: Sql, filter: RecordFilter, window: TimeWindow): Promise<PatternRow[]> {
  const where = whereOf(filter, window)
  const alike = 'identity, server, tool, method, policy, rule, code, effect'
  return sql.query<PatternRow>(
    `WITH refused AS (
       SELECT d.id, d.time, d.line, d.revision, d.message, d.category, ${alike.replace(/\w+/g, 'd.$&')},
         floor(extract(epoch FROM d.time - $1::timestamptz) / ${window.stepSeconds})::integer AS bucket
       FROM decisions d WHERE d.effect <> 'allow' AND d.effect = 'deny' AND ${where.text}
       ORDER BY d.time DESC, d.id DESC LIMIT ${MOST_REFUSALS}
     ), counted AS (
       SELECT ${alike}, bucket, count(*) AS count, min(time) AS first, max(time) AS last,
         (array_agg(id ORDER BY time DESC, id DESC))[1] AS id
       FROM refused GROUP BY ${alike}, bucket
     ), patterns AS (
       SELECT ${alike}, sum(count) AS count, min(first) AS first, max(last) AS last,
         (array_agg(id ORDER BY last DESC, id DESC))[1] AS id, jsonb_object_agg(bucket, count) AS buckets,
         count(*) OVER () AS patterns, sum(sum(count)) OVER () AS calls
       FROM counted GROUP BY ${alike} ORDER BY sum(count) DESC, max(last) DESC LIMIT ${MOST_PATTERNS}
     )
     SELECT p.*, r.line, r.revision, r.message, r.category FROM patterns p JOIN refused r ON r.id = p.id
     ORDER BY p.count DESC, p.last DESC`,
    where.parameters,
  )
}

function patternOf(row: PatternRow, buckets: number): BlockedPattern {
  const { buckets: filled, patterns: _patterns, calls: _calls, ...rest } = row
  return {
    ...rest,
    effect: shownEffect(row.effect, row.code),
    revision: row.revision === null ? null : Number(row.revision),
    count: Number(row.count),
    counts: Array.from({ length: buckets }, (_, index) => filled[index] ?? 0),
  }
}
