import type { Sql } from '@/lib/db/sql'

/** A bound on attempts: at most `max` of one subject in one window. Windows are whole multiples since 1970 UTC. */
export interface AttemptLimit {
  /** What is attempted, say `sign-in.account`. */
  purpose: string
  /** Who attempts or is attempted; hash it when people may type a secret there. */
  subject: string
  max: number
  windowSeconds: number
}

export type AttemptVerdict = { allowed: true } | { allowed: false; retryAfterSeconds: number }

/**
 * Counts one attempt and says whether it is within the limit. Atomic: of ten attempts at once under `max: 5` five pass.
 * Rows of windows long past are dropped along the way, so that the table stays as small as the traffic.
 */
export async function countAttempt(sql: Sql, limit: AttemptLimit): Promise<AttemptVerdict> {
  const [row] = await sql.query<{ count: number; retry_after: number }>(
    `INSERT INTO attempts AS a (purpose, subject, window_start, count)
     VALUES ($1, $2, to_timestamp(floor(extract(epoch FROM clock_timestamp()) / $3::int) * $3::int), 1)
     ON CONFLICT (purpose, subject, window_start) DO UPDATE SET count = least(a.count, 1000000) + 1
     RETURNING count, ceil($3::int - extract(epoch FROM clock_timestamp() - window_start))::int AS retry_after`,
    [limit.purpose, limit.subject, limit.windowSeconds],
  )
  if (!row) throw new Error('counting an attempt gave no row')
  if (row.count === 1) await dropPastAttempts(sql, limit)
  if (row.count <= limit.max) return { allowed: true }
  return { allowed: false, retryAfterSeconds: Math.max(1, row.retry_after) }
}

/** Takes back what was counted for an attempt that succeeded, so that only failures use up the limit. */
export async function forgiveAttempt(sql: Sql, limit: AttemptLimit): Promise<void> {
  await sql.query(
    `UPDATE attempts SET count = greatest(0, count - 1)
     WHERE purpose = $1 AND subject = $2
       AND window_start = to_timestamp(floor(extract(epoch FROM clock_timestamp()) / $3::int) * $3::int)`,
    [limit.purpose, limit.subject, limit.windowSeconds],
  )
}

/** Forgets every attempt of a subject: its owner has just proved who they are. */
export async function forgetAttempts(sql: Sql, purpose: string, subject: string): Promise<void> {
  await sql.query('DELETE FROM attempts WHERE purpose = $1 AND subject = $2', [purpose, subject])
}

async function dropPastAttempts(sql: Sql, limit: AttemptLimit): Promise<void> {
  // SKIP LOCKED: two sweeps at once never wait for each other.
  await sql.query(
    `DELETE FROM attempts WHERE (purpose, subject, window_start) IN (
       SELECT purpose, subject, window_start FROM attempts
       WHERE purpose = $1 AND window_start < now() - make_interval(secs => 2 * $2::int) LIMIT 1000 FOR UPDATE SKIP LOCKED)`,
    [limit.purpose, limit.windowSeconds],
  )
}
