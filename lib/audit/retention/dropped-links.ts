import type { Sql } from '@/lib/db/sql'
import { genesis } from '../chain'
import { type DroppedRun, MOST_RUNS, type RetentionStatement } from './statement'

/** The partitions of one day, UTC. */
export interface Day {
  /** As `20261122`. */
  readonly name: string
  readonly from: Date
  /** Excluded. */
  readonly to: Date
  /** Those of its two partitions that are there. */
  readonly decisions: string | null
  readonly outcomes: string | null
}

type ChainPart = RetentionStatement['chains'][number]
export type DroppedCounts = Pick<RetentionStatement, 'decisions' | 'outcomes' | 'quarantined' | 'unlinked' | 'chains'>

/** Statements in which the link before a run is looked for: it was dropped a day or few before. */
const EARLIER_STATEMENTS = 60

/**
 * Which records would go with a day: by chain, in stretches of neighbours. Calls near midnight leave some behind of which others
 * go, so that a chain's day is a long stretch with a ragged end.
 * @throws Error when there are more stretches than a statement holds
 */
export async function readDropped(sql: Sql, day: Day): Promise<DroppedCounts> {
  const counts = await sql.query<{ kind: string; chain: string | null; proxy: string | null; count: string }>(
    `SELECT kind, chain, min(proxy) AS proxy, count(*) AS count FROM (${recordsOf(day)}) r GROUP BY kind, chain`,
    [day.to],
  )
  const sum = (of: (row: (typeof counts)[number]) => boolean) =>
    counts.filter(of).reduce((total, { count }) => total + Number(count), 0)
  const runs = await readRuns(sql, day)
  const chains = [...new Set(counts.flatMap(({ chain }) => chain ?? []))].sort()
  return {
    decisions: sum(({ kind }) => kind === 'decision'),
    outcomes: sum(({ kind }) => kind === 'outcome'),
    quarantined: sum(({ kind }) => kind === 'quarantine'),
    unlinked: sum(({ chain }) => chain === null),
    chains: chains.map(
      (chain): ChainPart => ({
        chain,
        proxy: counts.find(row => row.chain === chain && row.proxy !== null)?.proxy ?? null,
        records: sum(row => row.chain === chain),
        runs: runs.get(chain) ?? [],
      }),
    ),
  }
}

/** Every record of a day, and what came into quarantine before its end: $1. */
function recordsOf({ decisions, outcomes }: Day): string {
  return [
    ...(decisions
      ? [`SELECT 'decision' AS kind, chain, sequence, encode(hash, 'hex') AS hash, proxy FROM ${decisions}`]
      : []),
    ...(outcomes ? [`SELECT 'outcome', chain, sequence, encode(hash, 'hex'), NULL FROM ${outcomes}`] : []),
    `SELECT 'quarantine' AS kind, chain, sequence, hash, proxy FROM quarantine WHERE received_at < $1`,
  ].join(' UNION ALL ')
}

async function readRuns(sql: Sql, day: Day): Promise<Map<string, DroppedRun[]>> {
  const ends = await sql.query<{ chain: string; sequence: string; hash: string; starts: boolean; ends: boolean }>(
    `SELECT chain, sequence, hash, before IS NULL OR before < sequence - 1 AS starts, behind IS NULL OR behind > sequence + 1 AS ends
     FROM (SELECT chain, sequence, hash, lag(sequence) OVER w AS before, lead(sequence) OVER w AS behind
       FROM (${recordsOf(day)}) r WHERE chain IS NOT NULL WINDOW w AS (PARTITION BY chain ORDER BY sequence)) neighbours
     WHERE before IS NULL OR before < sequence - 1 OR behind IS NULL OR behind > sequence + 1
     ORDER BY chain, sequence LIMIT ${2 * MOST_RUNS + 1}`,
    [day.to],
  )
  if (ends.length > 2 * MOST_RUNS)
    throw new Error(`The records of ${day.name} lie in more than ${MOST_RUNS} stretches; a statement holds no more.`)
  const runs = new Map<string, { from: number; to: number; before: string | null; hash: string }[]>()
  for (const { chain, sequence, hash, starts, ends: isEnd } of ends) {
    const of = runs.get(chain) ?? []
    runs.set(chain, of)
    if (starts) of.push({ from: Number(sequence), to: Number(sequence), before: null, hash })
    const last = of.at(-1)
    if (isEnd && last) Object.assign(last, { to: Number(sequence), hash })
  }
  const before = await readHashesBefore(
    sql,
    [...runs].flatMap(([chain, of]) => of.map(({ from }) => ({ chain, from }))),
  )
  for (const [chain, of] of runs) for (const run of of) run.before = before.get(`${chain} ${run.from}`) ?? null
  return runs
}

/** Hashes of the links before the given ones: of records that are there, or that were dropped before. */
async function readHashesBefore(
  sql: Sql,
  places: readonly { chain: string; from: number }[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const statements = await sql.query<{ chains: ChainPart[] }>(
    `SELECT content->'chains' AS chains FROM retention_statements ORDER BY number DESC LIMIT ${EARLIER_STATEMENTS}`,
  )
  for (const { chain, runs } of statements.flatMap(({ chains }) => chains))
    for (const { to, hash } of runs) found.set(`${chain} ${to + 1}`, hash)
  const rows = await sql.query<{ chain: string; sequence: string; hash: string }>(
    `SELECT p.chain, p.sequence, l.hash FROM unnest($1::uuid[], $2::bigint[]) AS p(chain, sequence)
     CROSS JOIN LATERAL (
       SELECT encode(hash, 'hex') AS hash FROM decisions WHERE chain = p.chain AND sequence = p.sequence - 1
       UNION ALL SELECT encode(hash, 'hex') FROM outcomes WHERE chain = p.chain AND sequence = p.sequence - 1
       UNION ALL SELECT hash FROM quarantine WHERE chain = p.chain AND sequence = p.sequence - 1 LIMIT 1) l`,
    [places.map(({ chain }) => chain), places.map(({ from }) => from)],
  )
  for (const { chain, sequence, hash } of rows) found.set(`${chain} ${sequence}`, hash)
  for (const { chain, from } of places) if (from === 1) found.set(`${chain} 1`, genesis(chain))
  return found
}
