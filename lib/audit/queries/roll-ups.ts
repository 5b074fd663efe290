import type { FilterCondition, RecordFilter } from '../filter/model'
import { isWholeHours, type TimeWindow } from '../filter/range'

/** What roll-ups count by, besides effect: `server` knows all calls, `tool` those of tools, `identity` all by who called. */
export type RolledUpBy = 'server' | 'tool' | 'identity'

const DAY_MS = 86_400_000

const tables = {
  server: { hours: 'decision_hours', days: null, columns: 'server' },
  tool: { hours: 'decision_tool_hours', days: 'decision_tool_days', columns: 'server, tool' },
  identity: {
    hours: 'decision_identity_hours',
    days: 'decision_identity_days',
    columns: 'identity',
  },
} as const

/**
 * Which roll-up can say exactly what the records of a view would; null when none can.
 * @param counted what the numbers are to be told apart by
 */
export function rollUpFor(filter: RecordFilter, window: TimeWindow, counted?: RolledUpBy): RolledUpBy | null {
  if (!isWholeHours(window)) return null
  const asked = filter.conditions.filter(({ field }) => field !== 'effect')
  const knows: Record<RolledUpBy, (condition: FilterCondition) => boolean> = {
    server: ({ field }) => field === 'server',
    tool: ({ field, operator, values }) =>
      field === 'server' || (field === 'tool' && (counted === 'tool' || (operator === 'is' && !values.includes('')))),
    identity: ({ field, values }) => field === 'identity' && !values.includes(''),
  }
  const fitting = (['server', 'tool', 'identity'] as const).filter(by => asked.every(knows[by]))
  return fitting.find(by => counted === undefined || by === counted) ?? null
}

/**
 * A roll-up shaped like `decisions d` with a `count`, so that one condition serves both.
 * @param isSummed the numbers are summed over the window: whole days are then read from the roll-up by day
 */
export function rolledUp(by: RolledUpBy, window: TimeWindow, isSummed: boolean): string {
  const { hours, days, columns } = tables[by]
  const part = (table: string, time: string, from: Date, to: Date) =>
    `SELECT ${time} AS time, ${columns}, count, CASE WHEN effect = 'rate_limited' THEN 'deny' ELSE effect END AS effect,
       CASE WHEN effect = 'rate_limited' THEN 'rate_limited' END AS code
     FROM ${table} WHERE ${time} >= '${from.toISOString()}' AND ${time} < '${to.toISOString()}'`
  const { from, to } = window
  const firstDay = new Date(Math.ceil(from.getTime() / DAY_MS) * DAY_MS)
  const lastDay = new Date(Math.floor(to.getTime() / DAY_MS) * DAY_MS)
  if (!isSummed || !days || firstDay >= lastDay) return `(${part(hours, 'hour', from, to)}) d`
  return `(${[
    part(hours, 'hour', from, firstDay),
    part(days, 'day', firstDay, lastDay),
    part(hours, 'hour', lastDay, to),
  ].join(' UNION ALL ')}) d`
}
