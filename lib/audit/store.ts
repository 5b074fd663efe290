import type { Sql } from '@/lib/db/sql'

/**
 * Hands spool lines to the record's only door. Idempotent: a record that is there already changes nothing.
 * @param decisions JSON texts of decision records, as spooled
 * @param outcomes JSON texts of outcome records, as spooled
 * @returns how many decisions were new
 * @throws what Postgres says; the whole batch is then unrecorded
 */
export async function recordCalls(
  sql: Sql,
  decisions: readonly string[],
  outcomes: readonly string[],
): Promise<number> {
  const [row] = await sql.query<{ inserted: number }>('SELECT record_calls($1::jsonb, $2::jsonb) AS inserted', [
    `[${decisions.join(',')}]`,
    `[${outcomes.join(',')}]`,
  ])
  return row?.inserted ?? 0
}
