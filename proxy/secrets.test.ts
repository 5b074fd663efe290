import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportRecord } from '@/lib/audit/export/export'
import { fakeSecrets } from '@/lib/audit/testing/secrets'
import { seedActor } from '@/lib/auth/model'
import { type Gateway, startGateway, until } from './testing/gateway'
import { type OwnPostgres, ownPostgres } from './testing/own-postgres'
import { bundleProxy, type ProxyBundle, type ProxyProcess, startProxyProcess } from './testing/process'
import { type NumberedCaller, numberedCaller } from './testing/promise'

// Nothing in a record is ever a credential: a corpus of them is pushed through everything that a caller and a server may say,
// and the raw files are searched. What is no secret goes the same ways and must be found, so that this can fail.

const random = (what: string) => `${what}${randomBytes(8).toString('hex')}`
const visible = { argument: random('shown'), tool: random('tool'), client: random('client'), error: random('problem') }
/** Without a shape: only the schema or the policy says that they are secrets. */
const marked = { marked: random('m'), written: random('w'), password: random('p'), note: random('n') }
const corpus = fakeSecrets()

const policy = `
default: allow
tools:
  echo: { rules: [{ name: seen, action: allow, redact: [args.note], when: [{ path: args.note, op: exists, value: true }] }] }
`

let postgres: OwnPostgres
let bundle: ProxyBundle
let gateway: Gateway
let proxy: ProxyProcess
let metrics = ''
beforeAll(async () => {
  bundle = await bundleProxy()
  postgres = await ownPostgres()
  gateway = await startGateway({ database: postgres, policy: 'default: allow\ntools: {}\n' })
  await gateway.publish(policy)
  await gateway.proxy.stop()
  proxy = await startProxyProcess(gateway, bundle)
  await pushEverything()
  metrics = await (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()
  proxy.child.kill('SIGTERM')
  await once(proxy.child, 'exit')
  await asOwner('CHECKPOINT').catch(() => undefined)
}, 120_000)
afterAll(async () => {
  await gateway.stop()
  bundle.remove()
})

async function asOwner(statement: string): Promise<void> {
  const owner = new pg.Client({ connectionString: gateway.database.ownerUrl })
  await owner.connect()
  await owner.query(statement).finally(() => owner.end())
}

/** All the places where a caller or a server may say something that is recorded, logged or counted. */
async function pushEverything(): Promise<void> {
  const caller = await numberedCaller(gateway)
  expect(await caller.call(1, { args: { text: visible.argument, ...marked } })).toEqual(['result'])
  await caller.call(1, { tool: visible.tool })
  await caller.call(1, { tool: 'refuse', args: { text: visible.error } })
  await begin(visible.client)
  await Promise.all(corpus.map(secret => push(secret.text, caller)))
  await until(async () => (await gateway.decisions()).length >= corpus.length * 6, 20_000)
}

async function push(text: string, caller: NumberedCaller): Promise<void> {
  await caller.call(1, { args: { text, list: [{ deep: `say ${text} twice` }], [text]: 'as a key' } })
  await caller.call(1, { tool: text })
  await caller.call(1, { tool: 'refuse', args: { text } })
  await caller.call(1, { tool: 'fail', args: { text } })
  await begin(text)
  await post(
    { jsonrpc: '2.0', id: text, method: 'resources/read', params: { uri: `note://x/${text}` } },
    caller.session,
  )
  await post({ jsonrpc: '2.0', id: 1, method: text, params: {} }, caller.session)
  await post([{ jsonrpc: '2.0', id: text, method: text, params: { arguments: text } }], caller.session)
  await post({ jsonrpc: '2.0', id: 1, method: 'ping', [text]: 1 }, caller.session)
  const twice = JSON.stringify(text)
  await send(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{${twice}:1,${twice}:2}}`, caller.session)
  const inHeader = text.replaceAll('\n', ' ')
  await post({}, inHeader, { cookie: inHeader, 'x-api-key': inHeader, traceparent: inHeader, 'user-agent': inHeader })
  await post({}, caller.session, { authorization: `Bearer ${inHeader}` })
}

const send = async (body: string, session: string, headers: Record<string, string> = {}) =>
  (await gateway.post(body, { 'mcp-session-id': session, ...headers })).text()
const post = (body: unknown, session: string, headers?: Record<string, string>) =>
  send(JSON.stringify(body), session, headers)

async function begin(name: string): Promise<void> {
  const clientInfo = { name, title: name, version: name }
  const params = { protocolVersion: '2025-11-25', capabilities: { experimental: { [name]: {} } }, clientInfo }
  const begun = await gateway.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }))
  await begun.text()
  const session = begun.headers.get('mcp-session-id') ?? ''
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: { text: 'hello' } } }
  await post(call, session)
  await fetch(gateway.url(), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${gateway.key}`, 'mcp-session-id': session },
  })
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => path.join(folder, name))
    .filter(file => statSync(file).isFile())
}

async function exported(format: 'csv' | 'ndjson'): Promise<string> {
  const lines: string[] = []
  const all = { conditions: [], since: null, until: null, proof: true }
  for await (const line of exportRecord(seedActor, { format, ...all })) lines.push(line)
  return lines.join('')
}

const inFiles = (folder: string) => () => filesIn(folder).map(file => readFileSync(file, 'latin1'))
const { argument, tool, client, error } = visible
const places: [where: string, read: () => string[] | Promise<string[]>, mustShow: string[]][] = [
  ['tables, indexes and WAL of Postgres', () => inFiles(postgres.files)(), [argument, tool, client, error]],
  ['the write-ahead log alone', () => inFiles(path.join(postgres.files, 'pg_wal'))(), [argument, tool, client, error]],
  ['the spool and all else in DATA_DIR', () => inFiles(gateway.folder)(), [argument, tool, client, error]],
  ['the proxy’s own log', () => [proxy.said()], ['the proxy listens']],
  ['/metrics', () => [metrics], ['intercept_decisions_total']],
  ['an export as CSV', async () => [await exported('csv')], [argument, tool, client, error]],
  ['an export as NDJSON', async () => [await exported('ndjson')], [argument, tool, client, error]],
]

test.each(places)('no secret of the corpus stands in %s', { timeout: 60_000 }, async (_where, read, mustShow) => {
  const texts = await read()
  const isIn = (needle: string) => texts.some(text => text.includes(needle))
  expect(mustShow.filter(text => !isIn(text))).toEqual([])
  expect(Object.entries(marked).filter(([, value]) => isIn(value))).toEqual([])
  const found = corpus.flatMap(({ issuer, needles }) => {
    const needle = needles.find(isIn)
    return needle === undefined ? [] : [`${issuer}: ${around(texts, needle)}`]
  })
  expect(found).toEqual([])
})

/** Where it stands, for whoever reads that this failed. */
function around(texts: readonly string[], needle: string): string {
  const text = texts.find(text => text.includes(needle)) ?? ''
  const at = text.indexOf(needle)
  return text.slice(Math.max(0, at - 120), at + 40).replace(/[^\x20-\x7e]/g, '.')
}
