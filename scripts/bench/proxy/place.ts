import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { seedActor } from '@/lib/auth/model'
import { addServer, approveTools, scanServer } from '@/lib/catalogue/commands'
import { openDatabase } from '@/lib/db/client'
import { replaceDatabase } from '@/lib/db/current'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { ensureRoles } from '@/lib/db/roles'
import { addGrant, addIdentity, issueKey } from '@/lib/identity/commands'
import { publishFor } from '@/lib/policy-store/commands'
import { migrate } from '@/prisma/migrate'

const SECRET = 'a secret of the bench, of no worth at all'

/** A database with a published policy, servers that are approved, and an identity that is granted them. */
export interface Place {
  readonly folder: string
  readonly key: string
  /** Environment of a proxy that works here, under a name of its own. */
  environment(name: string): Record<string, string>
  close(): Promise<void>
}

export interface BenchServer {
  readonly slug: string
  readonly url?: string
  readonly command?: string[]
  /** Whom its limit counts for: a session, or all callers together in a shared store. */
  readonly per: 'session' | 'server'
}

/** Ten rules that all apply, as those of `npm run bench:policy`, one of them with a limit that is never reached. */
const policy = (per: BenchServer['per']) => `
version: "1"
default: deny
tools:
  workflow_interact:
    rules:
      - { name: open, action: allow }
      - { name: often, rate_limit: { max: 1000000000, window: hour, per: ${per} } }
      - { name: tier, conditions: [{ path: args.input.customer.tier, op: in, value: [gold, silver] }] }
      - { name: country, conditions: [{ path: args.input.customer.country, op: neq, value: KP }] }
      - { name: amount, conditions: [{ path: args.input.amount.value, op: lte, value: 1000 }] }
      - { name: id, conditions: [{ path: args.executionId, op: regex, value: "^wf-[0-9]+-[a-z]+$" }] }
      - { name: file, conditions: [{ path: args.path, op: glob, value: "reports/**" }] }
      - { name: no update, action: deny, when: [{ path: args.action, op: eq, value: update }] }
      - { name: no guests, action: deny, when: [{ path: identity.kind, op: eq, value: guest }] }
      - { name: no contractors, action: deny, when: [{ path: identity.groups, op: contains, value: contractors }] }
`

/** Makes it: an embedded Postgres of its own, synced as in production. */
export async function makePlace(servers: readonly BenchServer[]): Promise<Place> {
  process.env.INTERCEPT_SECRET = SECRET
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-bench-'))
  const postgres = await startPostgres(path.join(folder, 'postgres'))
  const close = async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await migrate(postgres.ownerUrl)
    const passwords = { consolePassword: 'console', proxyPassword: 'proxy' }
    const { consoleUrl, proxyUrl } = await ensureRoles(postgres.ownerUrl, passwords)
    const database = openDatabase(consoleUrl)
    replaceDatabase(database)
    const key = await fill(servers)
    replaceDatabase(undefined)
    await database.close()
    return { folder, key, close, environment: name => environmentOf(folder, proxyUrl, name) }
  } catch (error) {
    await close()
    throw error
  }
}

async function fill(servers: readonly BenchServer[]): Promise<string> {
  await addIdentity(seedActor, { name: 'bench' })
  for (const { slug, url, command, per } of servers) {
    await addServer(
      seedActor,
      url ? { slug, transport: 'http', url, allowPrivate: true } : { slug, transport: 'stdio', command: command ?? [] },
    )
    const { tools } = await scanServer(seedActor, { slug })
    const digests = Object.fromEntries(tools.map(tool => [tool.name, tool.digest]))
    await approveTools(seedActor, { slug, tools: 'all', digests })
    await addGrant(seedActor, { identity: 'bench', server: slug, tools: ['*'] })
    await publishFor(seedActor, { server: slug, text: policy(per), note: '' })
  }
  return (await issueKey(seedActor, { identity: 'bench' })).key
}

function environmentOf(folder: string, databaseUrl: string, name: string): Record<string, string> {
  return {
    PROXY_NAME: name,
    PROXY_DATABASE_URL: databaseUrl,
    DATA_DIR: path.join(folder, 'data'),
    INTERCEPT_SECRET: SECRET,
    SPOOL_MAX_MB: '8192',
  }
}
