import { canonicalRecord, canonicalRow, type LinkKind, sha256 } from '../chain'
import { selectedRecord } from '../chain-rows'
import type { Where } from '../queries/where'
import type { LinkInput } from '../verify/model'
import type { ChainPart } from './chains'
import type { Snapshot } from './snapshot'

/** Which records are wanted, and what becomes of the others: left out, or given by their digests as a proof. */
export interface Wanted {
  readonly where: Where
  readonly isProof: boolean
}

interface Row {
  kind: LinkKind
  sequence: string
  hash: string
  record: string
  matches: boolean
  /** Not out of quarantine, which holds texts as somebody wrote them. */
  is_row: boolean
}

/** Numbers that are read at once: found by the index and sorted in memory, however long the chain is. */
const SLAB = 5_000

/**
 * The records of a part of a chain, in its order; many at once, since waiting for each would cost more than verifying it.
 * @param wanted null for all of them
 */
export async function* readLinks(
  snapshot: Snapshot,
  slice: Pick<ChainPart, 'chain' | 'readFrom' | 'to'>,
  wanted: Wanted | null,
): AsyncGenerator<LinkInput[]> {
  const { chain, to } = slice
  const text = linksQuery(wanted)
  const readSlab = (from: number) => {
    const numbers = [chain, from, Math.min(from + SLAB - 1, to)]
    const rows = from > to ? [] : snapshot.query<Row>(text, [...(wanted?.where.parameters ?? []), ...numbers])
    return Promise.resolve(rows)
  }
  let coming = readSlab(slice.readFrom)
  for (let from = slice.readFrom; from <= to; from += SLAB) {
    const rows = await coming
    // Postgres reads the next ones while these are taken; whoever stops in between never asks for them.
    coming = readSlab(from + SLAB)
    coming.catch(() => undefined)
    yield rows.map(row => linkOf(chain, row))
  }
}

function linkOf(chain: string, { kind, sequence, hash, record: stored, matches, is_row }: Row): LinkInput {
  const record = is_row ? canonicalRow(stored) : canonicalRecord(stored)
  return { chain, sequence: Number(sequence), kind, hash, digest: sha256(record), record: matches ? record : null }
}

/** Records that have no place in a chain. */
export async function* readUnlinked(
  snapshot: Snapshot,
  where: Where,
): AsyncGenerator<{ kind: LinkKind; record: string }> {
  const decisions = `SELECT 'decision' AS kind, ${selectedRecord.decision} AS record FROM decisions d
    WHERE d.chain IS NULL AND ${where.text}`
  const outcomes = `SELECT 'outcome' AS kind, ${selectedRecord.outcome} AS record FROM outcomes o
    JOIN decisions d ON d.time = o.decision_time AND d.id = o.decision_id WHERE o.chain IS NULL AND ${where.text}`
  const text = `${decisions} UNION ALL ${outcomes}`
  for await (const row of snapshot.stream<{ kind: LinkKind; record: string }>(text, where.parameters))
    yield { kind: row.kind, record: canonicalRow(row.record) }
}

function linksQuery(wanted: Wanted | null): string {
  const count = wanted?.where.parameters.length ?? 0
  const within = (alias: string) =>
    `${alias}.chain = $${count + 1}::uuid AND ${alias}.sequence BETWEEN $${count + 2} AND $${count + 3}`
  const isMatch = wanted ? `coalesce((${wanted.where.text}), false)` : 'true'
  const only = wanted && !wanted.isProof ? ` AND ${wanted.where.text}` : ''
  // Outcomes are wanted when their decision is.
  const call = wanted ? ' LEFT JOIN decisions d ON d.time = o.decision_time AND d.id = o.decision_id' : ''
  return `SELECT * FROM (
    SELECT 'decision' AS kind, d.sequence, encode(d.hash, 'hex') AS hash, ${selectedRecord.decision} AS record, ${isMatch} AS matches,
      true AS is_row
    FROM decisions d WHERE ${within('d')}${only}
    UNION ALL
    SELECT 'outcome', o.sequence, encode(o.hash, 'hex'), ${selectedRecord.outcome}, ${isMatch}, true
    FROM outcomes o${call} WHERE ${within('o')}${only}
    ${wanted && !wanted.isProof ? '' : `UNION ALL SELECT q.kind, q.sequence, q.hash, q.record, ${wanted ? 'false' : 'true'}, false FROM quarantine q WHERE ${within('q')}`}
  ) links ORDER BY sequence`
}
