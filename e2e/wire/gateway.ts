import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { seedActor } from '@/lib/auth/model'
import { addServer, approveTools, scanServer } from '@/lib/catalogue/commands'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { addGrant, addIdentity, issueKey } from '@/lib/identity/commands'
import { publishFor } from '@/lib/policy-store/commands'
import { type Log, silentLog } from '@/proxy/log'
import { type RunningProxy, startProxy } from '@/proxy/proxy'

const SECRET = 'a secret of the wire tests, of no worth at all'
/** Everything that a grant can name. */
export const EVERYTHING = ['*', 'resources/*', 'prompts/*', 'server/*']

export type Upstream =
  | { slug: string; command: string[]; environment?: Record<string, string>; isShared?: boolean }
  | { slug: string; url: string; headers?: Record<string, string>; allowPrivate?: boolean; isSse?: boolean }

export interface RecordedDecision {
  method: string
  tool: string | null
  effect: string
  code: string | null
  message: string | null
  identity: string | null
  session: string | null
  client_name: string | null
  outcome: string | null
  error: string | null
}

/** A proxy in this process under `default: allow`, with servers that are scanned, approved and granted whole. */
export interface Gateway {
  /** A key of the identity `agent`. */
  readonly key: string
  readonly proxy: RunningProxy
  readonly dataDir: string
  /** A folder that children in another account may write to. */
  readonly shared: string
  /** Of one server; of all together for an empty slug. */
  url(slug: string): string
  /** Adds one more server, approved unless told otherwise. */
  add(upstream: Upstream, options?: { isApproved?: boolean }): Promise<void>
  /** Approves what sessions were shown by the server, once so many tools are known of it. */
  approveSeen(slug: string, count: number): Promise<void>
  newKey(identity: string, grants: { server: string; tools?: string[] }[]): Promise<string>
  publish(text: string): Promise<void>
  /** The record, oldest first, once nothing is added any more. */
  decisions(): Promise<RecordedDecision[]>
  stop(): Promise<void>
}

export async function startGateway(upstreams: Upstream[], log: Log = silentLog): Promise<Gateway> {
  process.env.INTERCEPT_SECRET = SECRET
  const database = await testDatabase()
  replaceDatabase(database.database)
  const dataDir = mkdtempSync(path.join(tmpdir(), 'intercept-wire-'))
  const shared = mkdtempSync(path.join(tmpdir(), 'intercept-wire-shared-'))
  chmodSync(shared, 0o777)
  const publish = async (text: string) => {
    await publishFor(seedActor, { server: null, text, note: '' })
  }
  await publish('default: allow\ntools: {}\n')
  await addIdentity(seedActor, { name: 'agent' })
  const { key } = await issueKey(seedActor, { identity: 'agent' })
  const add = async (upstream: Upstream, { isApproved = true } = {}) => {
    const { slug } = upstream
    await addServer(
      seedActor,
      'url' in upstream ? { allowPrivate: true, ...upstream, transport: 'http' } : { ...upstream, transport: 'stdio' },
    )
    if (isApproved) await approve(slug)
    await addGrant(seedActor, { identity: 'agent', server: slug, tools: EVERYTHING })
  }
  for (const upstream of upstreams) await add(upstream)
  const settings = {
    name: 'wire',
    version: '0',
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://localhost:4000',
    databaseUrl: database.proxyUrl,
    dataDir,
    secret: SECRET,
    durability: 'append' as const,
    spoolMaxBytes: 64 * 1024 * 1024,
    searchPath: process.env.PATH ?? '',
  }
  const proxy = await startProxy(settings, log)
  const url = (slug: string) => `http://127.0.0.1:${proxy.port}/mcp${slug && `/${slug}`}`
  await addIdentity(seedActor, { name: 'probe' })
  const inForce = async () => {
    const { key: newest } = await issueKey(seedActor, { identity: 'probe' })
    await untilKnown(url('probe'), newest)
  }
  return {
    key,
    proxy,
    dataDir,
    shared,
    url,
    async add(upstream, options) {
      await add(upstream, options)
      await inForce()
    },
    async approveSeen(slug, count) {
      const digests = await seenDigests(database, slug, count)
      await approveTools(seedActor, { slug, tools: 'all', digests })
      await inForce()
    },
    async publish(text) {
      await publish(text)
      await inForce()
    },
    async newKey(identity, grants) {
      await addIdentity(seedActor, { name: identity })
      for (const { server, tools = EVERYTHING } of grants) await addGrant(seedActor, { identity, server, tools })
      const { key: fresh } = await issueKey(seedActor, { identity })
      await untilKnown(url('probe'), fresh)
      return fresh
    },
    decisions: () => readDecisions(database),
    async stop() {
      await proxy.stop()
      replaceDatabase(undefined)
      await database.close()
      rmSync(dataDir, { recursive: true, force: true })
      rmSync(shared, { recursive: true, force: true })
    },
  }
}

/** Waits until the proxy knows the newest key, and with it all that was changed before. */
async function untilKnown(url: string, key: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${key}` } })
    await answer.body?.cancel()
    if (answer.status !== 401) return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error('what was changed is not in force')
}

/** Scans the server and approves all that it shows. */
export async function approve(slug: string): Promise<void> {
  const { tools } = await scanServer(seedActor, { slug })
  const digests = Object.fromEntries(tools.map(tool => [tool.name, tool.digest]))
  if (tools.length > 0) await approveTools(seedActor, { slug, tools: 'all', digests })
}

/** Proxies tell what they were shown in their own time. */
async function seenDigests({ database }: TestDatabase, slug: string, count: number): Promise<Record<string, string>> {
  for (let i = 0; i < 100; i++) {
    const rows = await database.sql.query<{ name: string; digest: string }>(
      `SELECT t.name, t.seen_digest AS digest FROM tools t JOIN servers s ON s.id = t.server_id
       WHERE s.slug = $1 AND t.missing_since IS NULL`,
      [slug],
    )
    if (rows.length === count) return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`the proxy did not tell of ${count} tools of ${slug}`)
}

async function readDecisions({ database }: TestDatabase): Promise<RecordedDecision[]> {
  let before = -1
  for (let i = 0; i < 100; i++) {
    const rows = await database.sql.query<RecordedDecision>(
      `SELECT d.method, d.tool, d.effect, d.code, d.message, d.identity, d.session, d.client_name, o.kind AS outcome, o.error FROM decisions d
       LEFT JOIN outcomes o ON o.decision_id = d.id AND o.decision_time = d.time ORDER BY d.time, d.id`,
    )
    const settled = rows.length + rows.filter(row => row.outcome).length
    if (settled === before) return rows
    before = settled
    await new Promise(resolve => setTimeout(resolve, 150))
  }
  throw new Error('the record does not settle')
}
