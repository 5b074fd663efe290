import { genesis } from '../chain'
import { chainsOf } from '../chain-rows'
import type { Checkpoint, SeenCheckpoint } from '../checkpoint'
import type { RetentionStatement } from '../retention/statement'
import type { Slice } from '../verify/verifier'
import type { Snapshot } from './snapshot'

/** A stretch of a chain, as it stands in Postgres, with what is needed to verify it. */
export interface ChainPart extends Slice {
  readonly proxy: string | null
  /** The first number that is there: what was before it may have been dropped. */
  readonly readFrom: number
  /** Those that speak of it, and the first one behind it, by number. */
  readonly checkpoints: readonly Checkpoint[]
}

interface Bounds {
  chain: string
  from: number
  to: number
  readFrom: number
}

/**
 * The chains of the record, oldest first; of those only what was decided within the times, when there are some. Between its
 * first and its last record a part leaves nothing out, since only then can it be verified.
 */
export async function readChains(
  snapshot: Snapshot,
  times: { since: Date | null; until: Date | null },
  statements: readonly RetentionStatement[],
): Promise<ChainPart[]> {
  const isWhole = times.since === null && times.until === null
  const bounds = isWhole ? await readWhole(snapshot) : await readWithin(snapshot, times)
  const parts: ChainPart[] = []
  for (const each of bounds) {
    const [before, proxy, checkpoints] = [
      await hashBefore(snapshot, each, statements),
      await proxyOf(snapshot, each.chain),
      await readCheckpoints(snapshot, each),
    ]
    parts.push({ ...each, before, proxy: proxy ?? checkpoints[0]?.proxy ?? null, checkpoints })
  }
  return parts
}

/** Every checkpoint beside the record; also those of chains that are gone. */
export async function readAllCheckpoints(snapshot: Snapshot): Promise<Checkpoint[]> {
  return (await snapshot.query<CheckpointRow>(`${CHECKPOINTS} ORDER BY time, sequence`)).map(checkpointOf)
}

const endOf = (table: string, order: 'ASC' | 'DESC') =>
  `(SELECT t.sequence FROM ${table} t WHERE t.chain = c.chain ORDER BY t.sequence ${order} LIMIT 1)`
const ends = (order: 'ASC' | 'DESC') =>
  ['decisions', 'outcomes', 'quarantine'].map(table => endOf(table, order)).join(', ')
const FIRST = `least(${ends('ASC')})`
const LAST = `greatest(${ends('DESC')})`

async function readWhole(snapshot: Snapshot): Promise<Bounds[]> {
  const rows = await snapshot.query<{ chain: string; first: string; last: string }>(
    `SELECT c.chain, ${FIRST} AS first, ${LAST} AS last
     FROM (${chainsOf('decisions')} UNION ${chainsOf('outcomes')} UNION ${chainsOf('quarantine')}) c ORDER BY c.chain`,
  )
  return rows.map(({ chain, first, last }) => ({ chain, from: 1, readFrom: Number(first), to: Number(last) }))
}

async function readWithin(
  snapshot: Snapshot,
  { since, until }: { since: Date | null; until: Date | null },
): Promise<Bounds[]> {
  const rows = await snapshot.query<{ chain: string; first: string; last: string }>(
    // An end that is open takes the outcomes of its last calls along.
    `SELECT c.chain, ${since === null ? '1' : 'c.first'} AS first, ${until === null ? LAST : 'c.last'} AS last
     FROM (SELECT chain, min(sequence) AS first, max(sequence) AS last FROM decisions
       WHERE chain IS NOT NULL AND time >= $1 AND time < $2 GROUP BY chain) c ORDER BY c.chain`,
    [since ?? '-infinity', until ?? 'infinity'],
  )
  return rows.map(({ chain, first, last }) => ({
    chain,
    from: Number(first),
    readFrom: Number(first),
    to: Number(last),
  }))
}

async function hashBefore(
  snapshot: Snapshot,
  { chain, from }: Bounds,
  statements: readonly RetentionStatement[],
): Promise<string> {
  if (from === 1) return genesis(chain)
  const [row] = await snapshot.query<{ hash: string }>(
    `SELECT encode(hash, 'hex') AS hash FROM decisions WHERE chain = $1 AND sequence = $2
     UNION ALL SELECT encode(hash, 'hex') FROM outcomes WHERE chain = $1 AND sequence = $2
     UNION ALL SELECT hash FROM quarantine WHERE chain = $1 AND sequence = $2 LIMIT 1`,
    [chain, from - 1],
  )
  if (row) return row.hash
  const runs = statements.flatMap(({ chains }) => chains.flatMap(of => (of.chain === chain ? of.runs : [])))
  // Where the record before is gone, nothing fits, and the verifier says so.
  return runs.find(({ to }) => to === from - 1)?.hash ?? ''
}

async function proxyOf(snapshot: Snapshot, chain: string): Promise<string | null> {
  const [row] = await snapshot.query<{ proxy: string }>(
    'SELECT proxy FROM decisions WHERE chain = $1 ORDER BY sequence LIMIT 1',
    [chain],
  )
  return row?.proxy ?? null
}

const CHECKPOINTS =
  'SELECT version, proxy, chain, sequence, hash, time, previous, key, next_key, signature, seen, statement FROM checkpoints'
type CheckpointRow = Omit<Checkpoint, 'sequence' | 'time' | 'seen'> & {
  sequence: string
  time: Date
  seen: SeenCheckpoint[] | null
}

async function readCheckpoints(snapshot: Snapshot, { chain, from, to }: Bounds): Promise<Checkpoint[]> {
  const rows = await snapshot.query<CheckpointRow>(
    `${CHECKPOINTS} WHERE chain = $1 AND sequence >= $2 AND sequence <=
       coalesce((SELECT sequence FROM checkpoints WHERE chain = $1 AND sequence >= $3 ORDER BY sequence LIMIT 1), $3)
     ORDER BY sequence, time`,
    [chain, from, to],
  )
  return rows.map(checkpointOf)
}

function checkpointOf({ seen, statement, ...row }: CheckpointRow): Checkpoint {
  // Version 1 is signed without them.
  const named = row.version === 1 ? {} : { seen: seen ?? [], statement: statement ?? null }
  return { ...row, ...named, sequence: Number(row.sequence), time: row.time.toISOString() }
}
