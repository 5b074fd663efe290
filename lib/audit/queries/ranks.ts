import type { Sql } from '@/lib/db/sql'
import { type RecordFilter, type ShownEffect, withValues } from '../filter/model'
import type { TimeWindow } from '../filter/range'
import { rolledUp, rollUpFor } from './roll-ups'
import { type Where, whereOf } from './where'

/** The first few of a ranking. `sampled` is set when only the newest so many calls of the window were counted. */
export interface Ranking<Row> {
  rows: Row[]
  sampled: number | null
}

export interface RuleRank {
  effect: ShownEffect
  /** null where no rule speaks (no grant, malformed); then `code` says why. */
  rule: string | null
  code: string | null
  policy: string | null
  line: number | null
  /** Bundle that `line` was read in. */
  revision: number | null
  /** The one tool, or null when there were several. */
  tool: string | null
  tools: number
  count: number
}

export interface ToolRank {
  server: string
  tool: string
  count: number
}

export interface IdentityRank {
  /** null: the caller was not known. */
  identity: string | null
  count: number
}

export interface RiskShare {
  /** low, medium, high, critical; null where the tool is not classified. */
  risk: string | null
  count: number
}

/** How many records a ranking without a roll-up reads at most; measured at 60 to 130 ms on a million rows. */
const MOST_CALLS = 50_000
const MOST_REFUSALS = 20_000

/** Refused calls by the rule that refused them, most first. */
export async function readRuleRanks(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  limit: number,
): Promise<Ranking<RuleRank>> {
  const where = whereOf(filter, window)
  const rows = await sql.query<RuleRank & { count: string; tools: string; revision: string | null; read: string }>(
    `SELECT CASE WHEN code = 'rate_limited' THEN 'limited' ELSE 'deny' END AS effect, rule, code, policy,
       (array_agg(line ORDER BY time DESC))[1] AS line, (array_agg(revision ORDER BY time DESC))[1] AS revision,
       CASE WHEN count(DISTINCT tool) = 1 THEN min(tool) END AS tool, count(DISTINCT tool) AS tools,
       count(*) AS count, sum(count(*)) OVER () AS read
     FROM (SELECT d.time, d.rule, d.code, d.policy, d.line, d.revision, d.tool FROM decisions d
       WHERE d.effect <> 'allow' AND d.effect = 'deny' AND ${where.text} ORDER BY d.time DESC, d.id DESC LIMIT ${MOST_REFUSALS}) d
     GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, rule, code LIMIT ${limit}`,
    where.parameters,
  )
  return {
    rows: rows.map(({ read: _read, ...row }) => ({
      ...row,
      revision: row.revision === null ? null : Number(row.revision),
      tools: Number(row.tools),
      count: Number(row.count),
    })),
    sampled: sampledOf(rows, MOST_REFUSALS),
  }
}

/** Tools by calls, most first: whatever was decided, or what the filter's effects say. */
export async function readToolRanks(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  limit: number,
): Promise<Ranking<ToolRank>> {
  const where = whereOf(filter, window)
  const by = rollUpFor(filter, window, 'tool')
  const rows = await sql.query<{ server: string; tool: string; count: string; read: string }>(
    `SELECT d.server, d.tool, sum(d.count::float8) AS count, sum(sum(d.count::float8)) OVER () AS read
     FROM ${by ? rolledUp(by, window, true) : newest('server, tool', where)} WHERE d.tool IS NOT NULL ${by ? `AND ${where.text}` : ''}
     GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ${limit}`,
    where.parameters,
  )
  return {
    rows: rows.map(({ server, tool, count }) => ({ server, tool, count: Number(count) })),
    sampled: by ? null : sampledOf(rows, MOST_CALLS),
  }
}

/** Tools by refused calls, most first. */
export function readRefusedToolRanks(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  limit: number,
): Promise<Ranking<ToolRank>> {
  return readToolRanks(sql, withValues(filter, 'effect', ['deny', 'limited']), window, limit)
}

/** Identities by calls, most first. */
export async function readIdentityRanks(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  limit: number,
): Promise<Ranking<IdentityRank>> {
  const where = whereOf(filter, window)
  const by = rollUpFor(filter, window, 'identity')
  const rows = await sql.query<{ identity: string | null; count: string; read: string }>(
    `SELECT d.identity, sum(d.count::float8) AS count, sum(sum(d.count::float8)) OVER () AS read
     FROM ${by ? rolledUp(by, window, true) : newest('identity', where)} ${by ? `WHERE ${where.text}` : ''}
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${limit}`,
    where.parameters,
  )
  return {
    // Roll-ups count calls without an identity under the empty name.
    rows: rows.map(({ identity, count }) => ({ identity: identity || null, count: Number(count) })),
    sampled: by ? null : sampledOf(rows, MOST_CALLS),
  }
}

/** Forwarded tool calls by risk: by the catalogue's risk of today over roll-ups, else by the risk in the record. */
export async function readRiskMix(sql: Sql, filter: RecordFilter, window: TimeWindow): Promise<Ranking<RiskShare>> {
  const forwarded = withValues(filter, 'effect', ['allow'])
  const where = whereOf(forwarded, window)
  const by = rollUpFor(forwarded, window, 'tool')
  const rows = await sql.query<{ risk: string | null; count: string; read: string }>(
    by
      ? `SELECT t.risk::text AS risk, sum(d.count::float8) AS count, 0 AS read FROM ${rolledUp(by, window, true)}
         LEFT JOIN servers s ON s.slug = d.server LEFT JOIN tools t ON t.server_id = s.id AND t.name = d.tool
         WHERE ${where.text} GROUP BY 1`
      : `SELECT d.risk, count(*) AS count, sum(count(*)) OVER () AS read
         FROM ${newest('tool, risk', where)} WHERE d.tool IS NOT NULL GROUP BY 1`,
    where.parameters,
  )
  return {
    rows: rows.map(({ risk, count }) => ({ risk, count: Number(count) })),
    sampled: by ? null : sampledOf(rows, MOST_CALLS),
  }
}

/** The newest calls of a view, where no roll-up answers. */
function newest(columns: string, { text }: Where): string {
  return `(SELECT ${columns}, 1 AS count FROM decisions d WHERE ${text} ORDER BY d.time DESC, d.id DESC LIMIT ${MOST_CALLS}) d`
}

function sampledOf(rows: readonly { read: string }[], most: number): number | null {
  return Number(rows[0]?.read ?? 0) >= most ? most : null
}
