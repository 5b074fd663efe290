import type { Sql } from '@/lib/db/sql'
import type { SigningKey } from '../checkpoint'
import { type Day, readDropped } from './dropped-links'
import { type RetentionStatement, signStatement, statementDigest } from './statement'

export interface DropOptions {
  readonly key: SigningKey
  readonly by: string
  readonly retentionDays: number
  readonly now: Date
}

/**
 * Days that ended before the kept ones began, oldest first. Their partitions are told by their names, as
 * ensure_partitions() gives them.
 */
export async function findDaysBefore(sql: Sql, keptFrom: Date): Promise<Day[]> {
  const rows = await sql.query<{ parent: 'decisions' | 'outcomes'; name: string }>(
    `SELECT parent.relname AS parent, child.relname AS name
     FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
     WHERE parent.oid IN ('public.decisions'::regclass, 'public.outcomes'::regclass)
       AND child.relname ~ '^(decisions|outcomes)_[0-9]{8}$'`,
  )
  const days = new Map<string, { decisions: string | null; outcomes: string | null }>()
  for (const { parent, name } of rows) {
    const day = name.slice(-8)
    days.set(day, { decisions: null, outcomes: null, ...days.get(day), [parent]: `public.${name}` })
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, partitions]) => {
      const from = new Date(`${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6)}T00:00:00.000Z`)
      return { name, from, to: new Date(from.getTime() + 86_400_000), ...partitions }
    })
    .filter(({ to }) => to <= keptFrom)
}

/**
 * Drops a day inside the running transaction and leaves the signed statement of what was dropped. Writers of that day wait
 * while it is counted; its roll-ups stay.
 */
export async function dropDay(sql: Sql, day: Day, options: DropOptions): Promise<RetentionStatement> {
  const partitions = [day.decisions, day.outcomes].filter(each => each !== null)
  await sql.query(`LOCK TABLE ${partitions.join(', ')} IN SHARE MODE`)
  const dropped = await readDropped(sql, day)
  const [last] = await sql.query<{ number: number; digest: string }>(
    'SELECT number, digest FROM retention_statements ORDER BY number DESC LIMIT 1',
  )
  const statement = signStatement(
    {
      number: (last?.number ?? 0) + 1,
      time: options.now.toISOString(),
      by: options.by,
      retention_days: options.retentionDays,
      partitions: partitions.map(each => each.replace('public.', '')),
      from: day.from.toISOString(),
      to: day.to.toISOString(),
      ...dropped,
      previous: last?.digest ?? null,
    },
    options.key,
  )
  await keepStatement(sql, statement)
  await sql.query('DELETE FROM quarantine WHERE received_at < $1', [day.to])
  await sql.query(`DROP TABLE ${partitions.join(', ')}`)
  await thinCheckpoints(sql, statement)
  return statement
}

async function keepStatement(sql: Sql, statement: RetentionStatement): Promise<void> {
  const { number, time, from, to, decisions, outcomes } = statement
  await sql.query(
    `INSERT INTO retention_statements (number, digest, time, from_time, to_time, decisions, outcomes, content)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)`,
    [number, statementDigest(statement), time, from, to, decisions, outcomes, JSON.stringify(statement)],
  )
}

/**
 * Removes checkpoints that speak of nothing but dropped records, with their time-stamps: in a year a proxy makes a million.
 * Those stay that announce a key, that are their proxy's newest, or that speak of more than the statement covers.
 */
async function thinCheckpoints(sql: Sql, { chains }: RetentionStatement): Promise<void> {
  for (const { chain, runs } of chains) {
    const last = runs.at(-1)
    if (!last) continue
    await sql.query(
      `WITH kept AS (SELECT least($2::bigint,
         (SELECT min(sequence) - 1 FROM decisions WHERE chain = $1), (SELECT min(sequence) - 1 FROM outcomes WHERE chain = $1),
         (SELECT min(sequence) - 1 FROM quarantine WHERE chain = $1)) AS gone_to),
       thinned AS (DELETE FROM checkpoints c USING kept WHERE c.chain = $1 AND c.sequence <= kept.gone_to AND c.next_key IS NULL
         AND EXISTS (SELECT FROM checkpoints later WHERE later.proxy = c.proxy AND later.time > c.time) RETURNING c.digest)
       DELETE FROM timestamps t USING thinned WHERE t.checkpoint = thinned.digest`,
      [chain, last.to],
    )
  }
}
