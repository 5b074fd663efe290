import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'

/** Passwords of the two roles that sign in; both are made by the caller and kept in DATA_DIR. */
export interface RolePasswords {
  consolePassword: string
  proxyPassword: string
}

export interface RoleUrls {
  consoleUrl: string
  proxyUrl: string
}

/** The verifier that Postgres stores (RFC 5803), made here so that the password itself never reaches a server's log. */
export function scramVerifier(password: string, salt = randomBytes(16), iterations = 4096): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const keyed = (label: string) => createHmac('sha256', salted).update(label).digest()
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${keyed('Server Key').toString('base64')}`
}

/** Name of the role that signs in to `database`: per database, since roles belong to the whole cluster (63 bytes at most). */
export function roleName(group: string, database: string): string {
  const name = `${group}_${database}`
  if (Buffer.byteLength(name) <= 63) return name
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 12)
  return `${Buffer.from(name)
    .subarray(0, 48)
    .toString('utf8')
    .replace(/\uFFFD/g, '')}_${hash}`
}

function urlFor(ownerUrl: string, user: string, password: string): string {
  const url = new URL(ownerUrl)
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  return url.href
}

async function ensureRole(client: pg.Client, group: string, database: string, password: string): Promise<string> {
  const name = roleName(group, database)
  const role = client.escapeIdentifier(name)
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name])
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
  await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(scramVerifier(password))}`)
  await client.query(`GRANT ${client.escapeIdentifier(group)} TO ${role}`)
  await client.query(`GRANT CONNECT ON DATABASE ${client.escapeIdentifier(database)} TO ${role}`)
  return name
}

/**
 * Makes the roles that console and proxy sign in with, members of `intercept_console` and `intercept_proxy`, and closes
 * the database to everybody else: the group roles are shared by every Intercept in the cluster, the right to connect is not.
 * Safe to repeat.
 * @param ownerUrl the owner's role, which may CREATE ROLE, on a migrated database
 */
export async function ensureRoles(ownerUrl: string, passwords: RolePasswords): Promise<RoleUrls> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
    const database = rows[0]?.name ?? ''
    await client.query(`REVOKE ALL ON DATABASE ${client.escapeIdentifier(database)} FROM PUBLIC`)
    const consoleRole = await ensureRole(client, 'intercept_console', database, passwords.consolePassword)
    const proxyRole = await ensureRole(client, 'intercept_proxy', database, passwords.proxyPassword)
    return {
      consoleUrl: urlFor(ownerUrl, consoleRole, passwords.consolePassword),
      proxyUrl: urlFor(ownerUrl, proxyRole, passwords.proxyPassword),
    }
  } finally {
    await client.end()
  }
}
