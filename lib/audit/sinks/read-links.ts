import type { Sql } from '@/lib/db/sql'
import type { LinkKind } from '../chain'
import { chainsOf, selectedRecord } from '../chain-rows'
import type { StoredLink } from './event'

/** Which records are wanted; an empty list leaves none out. */
export interface Wanted {
  readonly effects: readonly string[]
  readonly servers: readonly string[]
}

/** A part of a chain from its first unsent record on. */
export interface Slab {
  /** Those that are wanted, in the order of the chain. */
  readonly links: readonly StoredLink[]
  /** The last number up to which nothing is missing; the one asked from when the first is. */
  readonly upTo: number
  /** What stands behind a hole that begins right after `upTo`; null without one. */
  readonly hole: { readonly next: number; readonly time: Date } | null
}

interface Row {
  kind: LinkKind
  sequence: string
  hash: string
  id: string
  time: Date
  proxy: string | null
  server: string | null
  effect: string | null
  record: string | null
  quarantined: boolean
  wanted: boolean
}

const within = (alias: string) => `${alias}.chain = $1::uuid AND ${alias}.sequence > $2 AND ${alias}.sequence <= $3`
const WANTED = `(cardinality($4::text[]) = 0 OR d.effect = ANY($4)) AND (cardinality($5::text[]) = 0 OR d.server = ANY($5))`

// Of a filtered link only the place is read. An outcome is wanted when its decision is; one that has lost it, always.
const LINKS = `SELECT * FROM (
  SELECT 'decision' AS kind, d.sequence, encode(d.hash, 'hex') AS hash, d.id::text AS id, d.time, d.proxy, d.server, d.effect,
    CASE WHEN ${WANTED} THEN ${selectedRecord.decision} END AS record, false AS quarantined, ${WANTED} AS wanted
  FROM decisions d WHERE ${within('d')}
  UNION ALL
  SELECT 'outcome', o.sequence, encode(o.hash, 'hex'), o.decision_id::text, o.recorded_at, d.proxy, d.server, d.effect,
    CASE WHEN coalesce(${WANTED}, true) THEN ${selectedRecord.outcome} END, false, coalesce(${WANTED}, true)
  FROM outcomes o LEFT JOIN LATERAL (SELECT proxy, server, effect FROM decisions
    WHERE time = o.decision_time AND id = o.decision_id LIMIT 1) d ON true
  WHERE ${within('o')}
  UNION ALL
  SELECT q.kind, q.sequence, q.hash, 'quarantine/' || q.digest, q.received_at, q.proxy, NULL, NULL, q.record, true, true
  FROM quarantine q WHERE ${within('q')}
) links ORDER BY sequence`

const next = (table: string, time: string) =>
  `(SELECT sequence, ${time} AS time FROM ${table} WHERE chain = $1::uuid AND sequence > $2 ORDER BY sequence LIMIT 1)`
const NEXT = `SELECT * FROM (${[
  next('decisions', 'time'),
  next('outcomes', 'recorded_at'),
  next('quarantine', 'received_at'),
].join(' UNION ALL ')}) n ORDER BY sequence LIMIT 1`

/**
 * Reads a chain's records behind `after`, at most `count` of them, and stops at the first number that is missing.
 * @param sql the console's role
 */
export async function readSlab(
  sql: Sql,
  chain: string,
  after: number,
  count: number,
  { effects, servers }: Wanted,
): Promise<Slab> {
  const rows = await sql.query<Row>(LINKS, [chain, after, after + count, effects, servers])
  const links: StoredLink[] = []
  let upTo = after
  for (const { sequence, wanted, ...row } of rows) {
    const number = Number(sequence)
    // The tables and the quarantine may both hold a link; the first one stands.
    if (number === upTo) continue
    if (number > upTo + 1) return { links, upTo, hole: { next: number, time: row.time } }
    upTo = number
    if (wanted) links.push({ ...row, sequence: number })
  }
  return { links, upTo, hole: rows.length > 0 ? null : await holeBehind(sql, chain, after) }
}

async function holeBehind(sql: Sql, chain: string, after: number): Promise<Slab['hole']> {
  const [next] = await sql.query<{ sequence: string; time: Date }>(NEXT, [chain, after])
  return next && Number(next.sequence) > after + 1 ? { next: Number(next.sequence), time: next.time } : null
}

const lastOf = (table: string) =>
  `coalesce((SELECT t.sequence FROM ${table} t WHERE t.chain = c.chain ORDER BY t.sequence DESC LIMIT 1), 0)`

/** The number of each chain's newest record. */
export async function readHeads(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql.query<{ chain: string; last: string }>(
    `SELECT c.chain::text AS chain, greatest(${['decisions', 'outcomes', 'quarantine'].map(lastOf).join(', ')}) AS last
     FROM (${(['decisions', 'outcomes', 'quarantine'] as const).map(chainsOf).join(' UNION ')}) c`,
  )
  return new Map(rows.map(({ chain, last }) => [chain, Number(last)]))
}

/** When the oldest record behind a cursor was recorded; null when all was sent. */
export async function readOldestUnsent(
  sql: Sql,
  cursor: Readonly<Record<string, number>>,
  heads: ReadonlyMap<string, number>,
): Promise<Date | null> {
  let oldest: Date | null = null
  for (const [chain, head] of heads) {
    const after = cursor[chain] ?? 0
    if (head <= after) continue
    const [next] = await sql.query<{ time: Date }>(NEXT, [chain, after])
    if (next && (oldest === null || next.time < oldest)) oldest = next.time
  }
  return oldest
}
