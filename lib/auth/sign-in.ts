import { createHash } from 'node:crypto'
import { z } from 'zod'
import { database } from '@/lib/db/current'
import type { Sql } from '@/lib/db/sql'
import { type AttemptLimit, countAttempt, forgetAttempts, forgiveAttempt } from './attempts'
import { QueueFullError } from './bounded-queue'
import { Email, PASSWORD_MAX } from './members'
import { NO_PASSWORD, verifyPassword } from './password'
import { type Browser, startSession } from './sessions'

const WINDOW_SECONDS = 15 * 60
const PER_ACCOUNT = 5
const PER_SOURCE = 20

const Credentials = z.object({ email: Email, password: z.string().min(1).max(PASSWORD_MAX) })

export type SignInAnswer = { signedIn: true; sessionId: string } | { signedIn: false; message: string }

const WRONG = 'This e-mail address and password do not belong together. Try again, or ask an owner for a reset link.'
const BUSY = 'Too many people are signing in just now. Try again in a minute.'

/**
 * Signs a member in and begins a session. Accounts that are unknown, disabled or under another password get the same
 * answer after the same work; failures are counted in Postgres per account (existing or not) and per source.
 */
export async function signIn(input: unknown, browser: Browser): Promise<SignInAnswer> {
  const parsed = Credentials.safeParse(input)
  if (!parsed.success) return { signedIn: false, message: WRONG }
  const { email, password } = parsed.data
  const { sql } = database()
  const limits = limitsOf(email, browser.source)
  for (const limit of limits) {
    const counted = await countAttempt(sql, limit)
    if (!counted.allowed) return { signedIn: false, message: tooMany(counted.retryAfterSeconds) }
  }
  try {
    const member = await readMember(sql, email)
    const right = await verifyPassword(password, member?.password_hash ?? NO_PASSWORD)
    if (!member || !right) return { signedIn: false, message: WRONG }
    await forgive(sql, limits)
    return { signedIn: true, sessionId: await startSession(sql, member.id, browser) }
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error
    // Nothing was tried, so nothing counts.
    for (const limit of limits) await forgiveAttempt(sql, limit)
    return { signedIn: false, message: BUSY }
  }
}

/** The account is counted by a hash: people type passwords into the wrong field. */
function limitsOf(email: string, source: string): [source: AttemptLimit, account: AttemptLimit] {
  const account = createHash('sha256').update(email).digest('base64url')
  return [
    { purpose: 'sign-in.source', subject: source, max: PER_SOURCE, windowSeconds: WINDOW_SECONDS },
    { purpose: 'sign-in.account', subject: account, max: PER_ACCOUNT, windowSeconds: WINDOW_SECONDS },
  ]
}

async function readMember(sql: Sql, email: string) {
  const [member] = await sql.query<{ id: string; password_hash: string }>(
    'SELECT id, password_hash FROM members WHERE email = $1 AND disabled_at IS NULL',
    [email],
  )
  return member
}

async function forgive(sql: Sql, [source, account]: [AttemptLimit, AttemptLimit]): Promise<void> {
  await forgetAttempts(sql, account.purpose, account.subject)
  await forgiveAttempt(sql, source)
}

function tooMany(retryAfterSeconds: number): string {
  const minutes = Math.ceil(retryAfterSeconds / 60)
  return `Too many attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`
}
