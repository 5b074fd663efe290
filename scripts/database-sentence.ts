import pg from 'pg'
import { DatabaseUnavailable } from '@/lib/db/unavailable'

const oldestVersion = 15

/** What to do about the errors that a wrong or unreachable DATABASE_URL brings, by the code of Node or Postgres. */
const sentences: Record<string, (said: string) => string> = {
  ECONNREFUSED: said =>
    `Nothing listens at the address in DATABASE_URL (${said}). Start that Postgres, or correct the address.`,
  ENOTFOUND: said => `The host in DATABASE_URL is not known (${said}). Correct it.`,
  EAI_AGAIN: said => `The host in DATABASE_URL cannot be looked up now (${said}). Check the network, or correct it.`,
  ETIMEDOUT: said => `The host in DATABASE_URL does not answer (${said}). Check the address and the network.`,
  ECONNRESET: said =>
    `The server in DATABASE_URL closed the connection (${said}). Check that it is Postgres, and its TLS settings.`,
  '28P01': said => `DATABASE_URL's password is wrong: ${said}.`,
  '28000': said => `DATABASE_URL's user may not sign in: ${said}.`,
  '3D000': said => `DATABASE_URL's database is not there: ${said}. Create it first.`,
  '42501': said =>
    `DATABASE_URL's role lacks a right: ${said}. It has to own the database and be allowed to CREATE ROLE, or set CONSOLE_DATABASE_URL and PROXY_DATABASE_URL.`,
  '53300': said => `DATABASE_URL's server has no free connection: ${said}.`,
  '53100': () => 'The disk of the database is full. Free some space and run this again.',
  ENOSPC: () => 'The disk is full. Free some space and run this again.',
  P3005: () => 'The database in DATABASE_URL holds tables of something else. Give Intercept a database of its own.',
}

interface Found {
  version: number
  encoding: string
  role: string
  owns: boolean
  makesRoles: boolean
}

const found = `SELECT current_setting('server_version_num')::int / 10000 AS version,
    current_setting('server_encoding') AS encoding, current_user AS role,
    has_database_privilege(current_database(), 'CREATE')
      AND coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), true) AS owns,
    rolcreaterole OR rolsuper
      OR (SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('intercept_console', 'intercept_proxy')) AS "makesRoles"
  FROM pg_roles WHERE rolname = current_user`

/** What keeps Intercept from using the database that was found, in one sentence; null when nothing does. */
function sentenceOn({ version, encoding, role, owns, makesRoles }: Found): string | null {
  if (version < oldestVersion)
    return `DATABASE_URL leads to Postgres ${version}; Intercept needs ${oldestVersion} or newer.`
  if (encoding !== 'UTF8')
    return `The database in DATABASE_URL is encoded in ${encoding}. Create it with ENCODING 'UTF8'.`
  if (!owns) return `DATABASE_URL's role ${role} may not create tables in its database. It has to own the database.`
  if (!makesRoles)
    return `DATABASE_URL's role ${role} may not create roles. Run ALTER ROLE ${role} CREATEROLE as an administrator.`
  return null
}

/**
 * Checks that `url` leads to a Postgres that Intercept can use.
 * @throws DatabaseUnavailable, or what the connection attempt threw
 */
export async function checkDatabase(url: string): Promise<void> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new DatabaseUnavailable(
      'DATABASE_URL is not an address of Postgres. Write it as postgresql://user:password@host:5432/database.',
    )
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect().catch((error: Error) => {
    throw databaseSentence(error) === null
      ? new DatabaseUnavailable(`DATABASE_URL cannot be used: ${error.message}.`)
      : error
  })
  try {
    const { rows } = await client.query<Found>(found)
    const said = rows[0] && sentenceOn(rows[0])
    if (said) throw new DatabaseUnavailable(said)
  } finally {
    await client.end()
  }
}

/** The code of an error; Prisma's engine hands on only the text of what Postgres said. */
function codeOf(error: Error): string {
  if (/No space left on device/.test(error.message)) return 'ENOSPC'
  if (/ERROR: (permission denied|must be owner)/.test(error.message)) return '42501'
  return 'code' in error ? String(error.code) : ''
}

/** Without the trace of the engine's own source that follows. */
const oneLine = (message: string) =>
  message.split('\n').find(line => /ERROR|permission/.test(line)) ?? message.split('\n')[0] ?? ''

/** One sentence for what went wrong; null for a fault of ours, which deserves its stack. */
export function databaseSentence(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  // Node gives an error without text when all addresses of a host refuse; the first one speaks for them.
  const telling = error instanceof AggregateError ? (error.errors[0] as Error) : error
  const code = codeOf(telling)
  if (sentences[code]) return sentences[code](oneLine(telling.message))
  if (/timeout expired|connection timeout/.test(telling.message)) return sentences.ETIMEDOUT?.(telling.message) ?? null
  return telling instanceof DatabaseUnavailable ? telling.message : null
}
