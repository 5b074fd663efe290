import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { seedActor } from '@/lib/auth/model'
import { addServer, approveTools, scanServer } from '@/lib/catalogue/commands'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { addGrant, addIdentity, issueKey } from '@/lib/identity/commands'
import { publishFor } from '@/lib/policy-store/commands'
import { silentLog } from '../log'
import { type ProxySettings, type RunningProxy, startProxy } from '../proxy'
import { decodeLines } from '../spool-lines'

const SECRET = 'a secret of the tests, of no worth at all'

export interface DecisionRow {
  id: string
  tool: string | null
  method: string
  effect: string
  code: string | null
  rule: string | null
  line: number | null
  message: string | null
  arguments: unknown
  masked_paths: string[]
  argument_digest: string | null
  outcome: string | null
  identity: string | null
  session: string | null
  is_error: boolean | null
  definition_digest: string | null
  trace_id: string | null
  status: number | null
  error: string | null
  reasons: unknown
}

/** A proxy in this process, with a database, one server and one identity of its own. */
export interface Gateway {
  readonly database: TestDatabase
  readonly folder: string
  readonly settings: ProxySettings
  proxy: RunningProxy
  key: string
  url(slug?: string): string
  /** An SDK client that is connected. */
  connect(key?: string, slug?: string): Promise<Client>
  /** One raw POST. */
  post(body: string, headers?: Record<string, string>): Promise<Response>
  publish(text: string, server?: string | null): Promise<void>
  /** What reached the child. */
  calls(): { name: string; arguments?: unknown }[]
  /** The same as text, before any reader. */
  rawCalls(): string
  /** Decision records as they stand in the spool. */
  spooled(): unknown[]
  /** Records in Postgres, oldest first, once everything spooled is there. */
  decisions(): Promise<DecisionRow[]>
  newKey(identity: string, tools?: string[]): Promise<string>
  stop(): Promise<void>
}

export interface GatewayOptions {
  readonly policy?: string | null
  readonly tools?: string[]
  readonly environment?: Record<string, string>
  readonly command?: string[]
  readonly settings?: Partial<ProxySettings>
  /** One of the test's own; closed with the gateway. */
  readonly database?: TestDatabase
}

const upstream = path.join(import.meta.dirname, 'upstream-server.mjs')
const open = 'default: allow\ntools: {}\n'

/** Starts everything; the fixture's tools are scanned and approved, and `agent` is granted what `tools` says. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  process.env.INTERCEPT_SECRET = SECRET
  const database = options.database ?? (await testDatabase())
  replaceDatabase(database.database)
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-proxy-test-'))
  const callFolder = mkdtempSync(path.join(tmpdir(), 'intercept-calls-'))
  // The child runs as nobody when the tests run as root.
  chmodSync(callFolder, 0o777)
  const callLog = path.join(callFolder, 'calls')
  const environment = { CALL_LOG: callLog, ...options.environment }
  const command = options.command ?? ['node', upstream]
  await addServer(seedActor, { slug: 'fixture', transport: 'stdio', command, environment })
  await approveAll()
  await addIdentity(seedActor, { name: 'agent' })
  const tools = options.tools ?? ['*']
  await addGrant(seedActor, { identity: 'agent', server: 'fixture', tools })
  const publish = async (text: string, server: string | null = 'fixture') => {
    await publishFor(seedActor, { server, text, note: '' })
  }
  if (options.policy !== null) await publish(options.policy ?? open)
  const { key } = await issueKey(seedActor, { identity: 'agent' })
  const settings: ProxySettings = {
    name: 'test',
    version: '0',
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://localhost:4000',
    databaseUrl: database.proxyUrl,
    dataDir: folder,
    secret: SECRET,
    durability: 'append',
    spoolMaxBytes: 64 * 1024 * 1024,
    searchPath: process.env.PATH ?? '',
    ...options.settings,
  }
  const gateway: Gateway = {
    database,
    folder,
    settings,
    key,
    proxy: await startProxy(settings, silentLog),
    url: (slug = 'fixture') => `http://127.0.0.1:${gateway.proxy.port}/mcp/${slug}`,
    publish,
    async connect(bearer = key, slug) {
      const client = new Client({ name: 'tester', version: '1.2.3' }, { capabilities: { sampling: {} } })
      const requestInit = { headers: { authorization: `Bearer ${bearer}` } }
      await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url(slug)), { requestInit }))
      return client
    },
    post: (body, headers = {}) =>
      fetch(gateway.url(), {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${key}`,
          ...headers,
        },
      }),
    calls: () => readCalls(callLog),
    rawCalls: () => readFileSync(callLog, 'utf8'),
    spooled: () => readSpool(path.join(folder, 'spool', settings.name)),
    decisions: () => readDecisions(database),
    async newKey(identity, granted = ['*']) {
      await addIdentity(seedActor, { name: identity })
      if (granted.length > 0) await addGrant(seedActor, { identity, server: 'fixture', tools: granted })
      return (await issueKey(seedActor, { identity })).key
    },
    async stop() {
      await gateway.proxy.stop()
      replaceDatabase(undefined)
      await database.close()
      rmSync(folder, { recursive: true, force: true })
      rmSync(callFolder, { recursive: true, force: true })
    },
  }
  return gateway
}

/** Scans the fixture and approves all that it shows. */
export async function approveAll(): Promise<void> {
  const { tools } = await scanServer(seedActor, { slug: 'fixture' })
  const digests = Object.fromEntries(tools.map(tool => [tool.name, tool.digest]))
  if (tools.length > 0) await approveTools(seedActor, { slug: 'fixture', tools: 'all', digests })
}

function readCalls(file: string): { name: string; arguments?: unknown }[] {
  try {
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).params)
  } catch {
    return []
  }
}

function readSpool(directory: string): unknown[] {
  const files = readdirSync(directory).filter(name => name.endsWith('.log'))
  const lines = files.flatMap(name => [...decodeLines(readFileSync(path.join(directory, name)), 1e6).lines])
  return lines.filter(({ kind }) => kind === 'a' || kind === 'd').map(({ text }) => JSON.parse(text))
}

async function readDecisions({ database }: TestDatabase): Promise<DecisionRow[]> {
  // Batches ship within some twenty milliseconds; two equal readings in a row are the end of it.
  let before = -1
  for (let i = 0; i < 100; i++) {
    const rows = await database.sql.query<DecisionRow>(
      `SELECT d.*, o.kind AS outcome, o.is_error, o.status, o.error FROM decisions d
       LEFT JOIN outcomes o ON o.decision_id = d.id AND o.decision_time = d.time ORDER BY d.time, d.id`,
    )
    const settled = rows.length + rows.filter(row => row.outcome).length
    if (settled === before) return rows
    before = settled
    await new Promise(resolve => setTimeout(resolve, 120))
  }
  throw new Error('the record does not settle')
}

/** Waits until `check` holds, asking every few milliseconds. @throws when it does not within `withinMs` */
export async function until(check: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<number> {
  const startedAt = performance.now()
  while (!(await check())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs} ms: ${check}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return performance.now() - startedAt
}
