import type { Sql } from '@/lib/db/sql'
import type { Directory } from './model'

/**
 * Reads everybody who may call. One statement, so that identities, keys and grants are of one moment.
 * Disabled identities and what was revoked or has expired by the database's clock are left out; times are Unix ms.
 */
export async function readDirectory(sql: Sql): Promise<Directory> {
  const [row] = await sql.query<Directory>(
    `WITH enabled AS (SELECT id, name, kind, labels FROM identities WHERE disabled_at IS NULL)
     SELECT
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'name', i.name, 'kind', i.kind, 'labels', i.labels)
          ORDER BY i.name), '[]') FROM enabled i) AS identities,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'identityId', k.identity_id, 'prefix', k.prefix,
          'hash', encode(k.hash, 'hex'), 'expiresAt', floor(extract(epoch FROM k.expires_at) * 1000)::bigint)), '[]')
        FROM keys k JOIN enabled i ON i.id = k.identity_id
        WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())) AS keys,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'identityId', g.identity_id, 'serverId', g.server_id,
          'server', s.slug, 'tools', g.tools, 'until', floor(extract(epoch FROM g.until) * 1000)::bigint)
          ORDER BY g.id), '[]')
        FROM grants g JOIN enabled i ON i.id = g.identity_id JOIN servers s ON s.id = g.server_id
        WHERE g.revoked_at IS NULL AND (g.until IS NULL OR g.until > now())) AS grants`,
  )
  if (!row) throw new Error('reading the directory gave no row')
  return { identities: row.identities, keys: row.keys, grants: row.grants }
}

/** Notes that keys were used; at most once in 30 seconds each, so that traffic does not become writes. */
export async function markKeysUsed(sql: Sql, keyIds: readonly string[]): Promise<void> {
  if (keyIds.length > 0) await sql.query('SELECT mark_keys_used($1::uuid[])', [keyIds])
}
