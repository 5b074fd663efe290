import { authorise } from '@/lib/auth/command'
import { type Actor, can } from '@/lib/auth/model'
import { database } from '@/lib/db/current'

/** A record that the tables refused and that is kept whole. */
export interface QuarantinedRow {
  readonly digest: string
  readonly kind: string
  /** What Postgres said. */
  readonly error: string
  readonly receivedAt: Date
  readonly chain: string | null
  readonly sequence: number | null
  /** The text as the proxy wrote it, cut at 4,000 characters; null for who may not read arguments. */
  readonly record: string | null
}

export interface QuarantineView {
  /** Up to a thousand. */
  readonly count: number
  readonly hasMore: boolean
  /** Newest first. */
  readonly rows: readonly QuarantinedRow[]
}

const SHOWN = 20
const MOST_COUNTED = 1_000

/** Records that Postgres refused, with why. @throws Refusal */
export async function readQuarantine(actor: Actor): Promise<QuarantineView> {
  authorise(actor, 'read')
  const { sql } = database()
  // Arguments stand in the text, so that it is not even fetched for others.
  const record = can(actor, 'read.arguments') ? 'left(record, 4000)' : 'NULL'
  const [counted, rows] = await Promise.all([
    sql.query<{ count: string }>(
      `SELECT count(*) AS count FROM (SELECT FROM quarantine LIMIT ${MOST_COUNTED + 1}) counted`,
    ),
    sql.query<Omit<QuarantinedRow, 'sequence'> & { sequence: string | null }>(
      `SELECT digest, kind, error, received_at AS "receivedAt", chain, sequence, ${record} AS record
       FROM quarantine ORDER BY received_at DESC, digest LIMIT ${SHOWN}`,
    ),
  ])
  const count = Number(counted[0]?.count ?? 0)
  return {
    count: Math.min(count, MOST_COUNTED),
    hasMore: count > MOST_COUNTED,
    rows: rows.map(row => ({ ...row, sequence: row.sequence === null ? null : Number(row.sequence) })),
  }
}
