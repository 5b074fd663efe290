import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'

export interface StatementRow {
  readonly number: number
  readonly time: Date
  /** Times of the calls that were dropped; `to` excluded. */
  readonly from: Date
  readonly to: Date
  readonly decisions: number
  readonly outcomes: number
  readonly key: string
}

export interface RetentionView {
  /** The last maintenance; null when none has run yet. */
  readonly maintenance: {
    readonly ranAt: Date
    /** Null: records are kept for ever. */
    readonly retentionDays: number | null
    readonly partitionsUntil: Date | null
    readonly problem: string | null
  } | null
  /** Newest first. */
  readonly statements: readonly StatementRow[]
  /** Whether there are older ones. */
  readonly hasMore: boolean
}

const SHOWN = 10

/** What is kept for how long, and what was dropped. For who may export the record. @throws Refusal */
export async function readRetention(actor: Actor): Promise<RetentionView> {
  authorise(actor, 'record.export')
  const { prisma, sql } = database()
  const [maintenance, rows] = await Promise.all([
    prisma.maintenance.findUnique({ where: { id: 1 } }),
    // Contents are large; only the key is taken out of them.
    sql.query<Omit<StatementRow, 'decisions' | 'outcomes'> & { decisions: string; outcomes: string }>(
      `SELECT number, time, from_time AS "from", to_time AS "to", decisions, outcomes, content->>'key' AS key
       FROM retention_statements ORDER BY number DESC LIMIT ${SHOWN + 1}`,
    ),
  ])
  const statements = rows.slice(0, SHOWN).map(row => ({
    ...row,
    decisions: Number(row.decisions),
    outcomes: Number(row.outcomes),
  }))
  return { maintenance, statements, hasMore: rows.length > SHOWN }
}
