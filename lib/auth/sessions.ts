import { database } from '@/lib/db/current'
import type { Sql } from '@/lib/db/sql'
import { uuidv7 } from '@/lib/db/uuid'
import { Role } from './model'

/** A session ends after this long without a request, and at the latest this long after sign-in. */
export const IDLE_HOURS = 12
export const ABSOLUTE_DAYS = 7

const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A member who is signed in now. */
export interface SignedInMember {
  id: string
  name: string
  email: string
  roles: Role[]
  sessionId: string
  /** The session's last use was noted more than a minute ago. */
  isUseUnnoted: boolean
}

/** Where a session was begun. */
export interface Browser {
  /** Address the request came from. */
  source: string
  userAgent: string
}

/** Begins a session of an enabled member and clears away their sessions that ended a while ago. */
export async function startSession(sql: Sql, memberId: string, browser: Browser): Promise<string> {
  const id = uuidv7()
  await sql.query(`DELETE FROM sessions WHERE member_id = $1::uuid AND expires_at < now() - interval '30 days'`, [
    memberId,
  ])
  await sql.query(
    `INSERT INTO sessions (id, member_id, source, user_agent, expires_at)
     VALUES ($1::uuid, $2::uuid, $3, $4, now() + make_interval(days => $5::int))`,
    [id, memberId, browser.source.slice(0, 64), browser.userAgent.slice(0, 256), ABSOLUTE_DAYS],
  )
  return id
}

/**
 * The member behind a session id: null when the session ended, expired or idled out, or the member is disabled.
 * Asked on each request, so that a role taken away or a disabled account counts at once.
 */
export async function readSession(sessionId: string): Promise<SignedInMember | null> {
  if (!SESSION_ID.test(sessionId)) return null
  const [row] = await database().sql.query<{
    id: string
    name: string
    email: string
    roles: string[]
    stale: boolean
  }>(
    `SELECT m.id, m.name, m.email, m.roles::text[] AS roles, s.last_seen_at < now() - interval '1 minute' AS stale
     FROM sessions s JOIN members m ON m.id = s.member_id
     WHERE s.id = $1::uuid AND s.ended_at IS NULL AND s.expires_at > now()
       AND s.last_seen_at > now() - make_interval(hours => $2::int) AND m.disabled_at IS NULL`,
    [sessionId, IDLE_HOURS],
  )
  if (!row) return null
  const { stale, roles, ...member } = row
  return { ...member, roles: Role.array().parse(roles), sessionId, isUseUnnoted: stale }
}

/**
 * Notes that a member used their session, at most once a minute. What a page asks by itself does not count: a forgotten
 * tab must not keep a session alive.
 */
export async function noteUse({ sessionId, isUseUnnoted }: SignedInMember): Promise<void> {
  if (!isUseUnnoted) return
  // Asked again in the statement: of many requests at once only one writes.
  await database().sql.query(
    `UPDATE sessions SET last_seen_at = now() WHERE id = $1::uuid AND last_seen_at < now() - interval '1 minute'`,
    [sessionId],
  )
}

/** Ends one session. Ending it twice is no error. */
export async function endSession(sessionId: string): Promise<void> {
  if (!SESSION_ID.test(sessionId)) return
  await database().sql.query('UPDATE sessions SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL', [
    sessionId,
  ])
}

/** Ends all sessions of a member, say when the password changed. */
export async function endSessionsOf(sql: Sql, memberId: string): Promise<void> {
  await sql.query('UPDATE sessions SET ended_at = now() WHERE member_id = $1::uuid AND ended_at IS NULL', [memberId])
}
