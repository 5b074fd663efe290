import type { Sql } from '@/lib/db/sql'
import type { RecordFilter, ShownEffect } from '../filter/model'
import type { TimeWindow } from '../filter/range'
import { canRollUp } from './histogram'
import { whereOf } from './where'

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

/** Tools by calls, whatever was decided, most first. */
export async function readToolRanks(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  limit: number,
): Promise<Ranking<ToolRank>> {
  const where = whereOf(filter, window)
  const rolledUp = canRollUp(filter, window)
  const source = rolledUp
    ? '(SELECT hour AS time, server, tool, count FROM decision_tool_hours)'
    : `(SELECT d.server, d.tool, d.time, 1 AS count FROM decisions d WHERE ${where.text} ORDER BY d.time DESC, d.id DESC LIMIT ${MOST_CALLS})`
  const rows = await sql.query<{ server: string; tool: string; count: string; read: string }>(
    `SELECT server, tool, sum(count) AS count, sum(sum(count)) OVER () AS read FROM ${source} d
     WHERE tool IS NOT NULL ${rolledUp ? `AND ${where.text}` : ''}
     GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ${limit}`,
    where.parameters,
  )
  return {
    rows: rows.map(({ server, tool, count }) => ({ server, tool, count: Number(count) })),
    sampled: rolledUp ? null : sampledOf(rows, MOST_CALLS),
  }
}

/** Identities by calls, most first. No roll-up has them, so only the newest calls are counted. */
export async function readIdentityRanks(
  sql: Sql,
  filter: RecordFilter,
  window: TimeWindow,
  limit: number,
): Promise<Ranking<IdentityRank>> {
  const where = whereOf(filter, window)
  const rows = await sql.query<{ identity: string | null; count: string; read: string }>(
    `SELECT identity, count(*) AS count, sum(count(*)) OVER () AS read
     FROM (SELECT d.identity FROM decisions d WHERE ${where.text} ORDER BY d.time DESC, d.id DESC LIMIT ${MOST_CALLS}) d
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${limit}`,
    where.parameters,
  )
  return {
    rows: rows.map(({ identity, count }) => ({ identity, count: Number(count) })),
    sampled: sampledOf(rows, MOST_CALLS),
  }
}

/** Forwarded tool calls by risk: by the catalogue's risk of today over roll-ups, else by the risk in the record. */
export async function readRiskMix(sql: Sql, filter: RecordFilter, window: TimeWindow): Promise<Ranking<RiskShare>> {
  const where = whereOf(filter, window)
  const rolledUp = canRollUp(filter, window)
  const rows = await sql.query<{ risk: string | null; count: string; read: string }>(
    rolledUp
      ? `SELECT t.risk::text AS risk, sum(d.count) AS count, 0 AS read
         FROM (SELECT hour AS time, server, tool, count FROM decision_tool_hours WHERE effect = 'allow') d
         LEFT JOIN servers s ON s.slug = d.server LEFT JOIN tools t ON t.server_id = s.id AND t.name = d.tool
         WHERE ${where.text} GROUP BY 1`
      : `SELECT risk, count(*) AS count, sum(count(*)) OVER () AS read
         FROM (SELECT d.risk FROM decisions d WHERE d.effect = 'allow' AND d.tool IS NOT NULL AND ${where.text}
           ORDER BY d.time DESC, d.id DESC LIMIT ${MOST_CALLS}) d GROUP BY 1`,
    where.parameters,
  )
  return {
    rows: rows.map(({ risk, count }) => ({ risk, count: Number(count) })),
    sampled: rolledUp ? null : sampledOf(rows, MOST_CALLS),
  }
}

function sampledOf(rows: readonly { read: string }[], most: number): number | null {
  return Number(rows[0]?.read ?? 0) >= most ? most : null
}
