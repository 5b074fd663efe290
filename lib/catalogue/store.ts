import type { Sql } from '@/lib/db/sql'
import { uuidv7 } from '@/lib/db/uuid'
import type { ToolDefinition } from '@/lib/policy'
import { classify } from './classify'
import { readDefinitions, type SeenTool } from './definitions'
import type { ArgumentsKept, Category, Drift, Risk } from './model'

/** A tool as an enforcement point needs it. It may be called when `pinnedDigest` is set and `seenDigest` equals it. */
export interface ProxyTool {
  readonly name: string
  readonly category: Category
  readonly risk: Risk
  /** Digest of the definition last seen. */
  readonly seenDigest: string | null
  /** Digest of the definition that was approved; null: never approved. */
  readonly pinnedDigest: string | null
  /** Whether the newest list left it out. */
  readonly isMissing: boolean
  /** The approved definition as the server sent it, with our category and risk; null: never approved. */
  readonly pinned: ToolDefinition | null
}

export interface ProxyServer {
  readonly id: string
  readonly slug: string
  readonly transport: 'stdio' | 'http'
  /** Argument list of a stdio server; see `launchOf` in ./launch. */
  readonly command: readonly string[]
  readonly url: string | null
  readonly allowPrivate: boolean
  /** Open with `openCredentials` in ./credentials. */
  readonly sealed: Uint8Array | null
  readonly drift: Drift
  readonly argumentsKept: ArgumentsKept
  /** Longest silence of a call, and its longest time; absent or null: the proxy's defaults. */
  readonly idleDeadlineSeconds?: number | null
  readonly deadlineSeconds?: number | null
  /** Of a stdio server: one child serves all sessions; absent: each has its own. */
  readonly isShared?: boolean
  /** Of a server over HTTP: it speaks HTTP with SSE (MCP 2024-11-05); absent: that is found out. */
  readonly isSse?: boolean
  /** In the order of the server's list. */
  readonly tools: readonly ProxyTool[]
}

/** Every server with its tools, for proxies. Credentials stay sealed. */
export async function readServersForProxies(sql: Sql): Promise<ProxyServer[]> {
  const rows = await sql.query<ProxyServer>(`
    SELECT s.id::text AS id, s.slug, s.transport::text AS transport, s.command, s.url, s.allow_private AS "allowPrivate", s.sealed,
      s.drift::text AS drift, s.arguments_kept::text AS "argumentsKept",
      s.idle_deadline_seconds AS "idleDeadlineSeconds", s.deadline_seconds AS "deadlineSeconds",
      s.is_shared AS "isShared", s.is_sse AS "isSse",
      coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'category', t.category, 'risk', t.risk, 'seenDigest', t.seen_digest,
        'pinnedDigest', t.pinned_digest, 'isMissing', t.missing_since IS NOT NULL, 'pinned', d.content) ORDER BY t.position, t.name)
        FILTER (WHERE t.id IS NOT NULL), '[]') AS tools
    FROM servers s
    LEFT JOIN tools t ON t.server_id = s.id
    LEFT JOIN definitions d ON d.server_id = s.id AND d.digest = t.pinned_digest
    GROUP BY s.id ORDER BY s.slug`)
  return rows.map(row => ({
    ...row,
    tools: row.tools.map(tool => ({
      ...tool,
      pinned: tool.pinned && { ...tool.pinned, category: tool.category, risk: tool.risk },
    })),
  }))
}

/**
 * Stores what a server's whole `tools/list` gave, in its order. Pins nothing: an unseen tool waits for approval, a changed
 * one shows as drift, an absent one as missing. A list that was seen before changes no row and wakes no proxy.
 * @param tools the `tools` of all pages, as `JSON.parse` gave them
 * @throws Error when the list cannot be judged safely (see `readDefinitions`); nothing is stored then
 */
export async function seeDefinitions(sql: Sql, serverId: string, tools: readonly unknown[]): Promise<SeenTool[]> {
  const seen = readDefinitions(tools)
  const rows = seen.map(({ name, digest, definition }) => {
    const { category, risk, source } = classify(definition)
    return { id: uuidv7(), name, digest, content: definition, category, risk, category_source: source }
  })
  await sql.query('SELECT 1 AS done FROM see_definitions($1::uuid, $2::jsonb)', [serverId, JSON.stringify(rows)])
  return seen
}
