import type { Sql } from '@/lib/db/sql'
import type { Bundle, BundledPolicy } from './model'

/** The newest bundle; null while nothing was ever published, and then every call is denied. */
export async function readBundle(sql: Sql): Promise<Bundle | null> {
  const [row] = await sql.query<{ number: string; digest: string; policies: BundledPolicy[] }>(
    'SELECT number::text AS number, digest, policies FROM bundles ORDER BY bundles.number DESC LIMIT 1',
  )
  return row ? { number: Number(row.number), digest: row.digest, policies: row.policies } : null
}

/** The version that grows with every change proxies must see; what `intercept_enforcement` notifies. */
export async function readEnforcementVersion(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ version: string }>(
    'SELECT version::text AS version FROM enforcement_version WHERE id = 1',
  )
  return Number(row?.version ?? 0)
}
