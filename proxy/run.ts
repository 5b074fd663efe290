import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { z } from 'zod'
import { inheritedEnvironment, readEnv } from '@/lib/env'
import { MemoryCounterStore } from '@/lib/limits/memory'
import { deriveKey } from '@/lib/secret'
import { compareDefinitions, DefinitionFile } from './alone/definition-file'
import { LOCAL, LocalSource } from './alone/local-source'
import { openRecord } from './alone/record-file'
import { DecisionWriter } from './decision-writer'
import { Enforcer } from './enforce'
import { Limits } from './limits'
import type { Log } from './log'
import { listOnce } from './mcp/list-once'
import { sessionParts } from './mcp/session-parts'
import { type DoorParts, StdioDoor } from './mcp/stdio-door'
import { Upstreams } from './mcp/upstreams'
import { Refusals } from './refusals'
import type { Tracing } from './tracing'
import { VERSION } from './version'

/** One server behind one policy file, without a console (docs/decisions/run-alone.md). Paths are absolute. */
const Settings = z.object({
  policy: z.string(),
  definitions: z.string(),
  record: z.string(),
  /** What conditions see as `server.name`. */
  server: z.string(),
  /** Empty for a server at `url`. */
  command: z.array(z.string()),
  url: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  /** List the server's tools, pin them and end. */
  approve: z.boolean(),
})
type Settings = z.infer<typeof Settings>

type Say = (sentence: string) => void

/**
 * Serves the client on standard input and output until it, or the server, ends; or pins the server's definitions.
 * @returns 0 done, 1 the server ended or gave no list, 2 the policy or the definitions cannot be put in force
 */
export async function run(input: unknown): Promise<number> {
  const settings = Settings.parse(input)
  const say: Say = sentence => process.stderr.write(`intercept run: ${sentence}\n`)
  const { slug, transport } = { slug: settings.server, transport: settings.url === null ? 'stdio' : 'http' } as const
  const definitions = new DefinitionFile(settings.definitions, slug)
  const local = { slug, transport, command: settings.command, url: settings.url }
  const source = new LocalSource(settings.policy, definitions, local, say)
  try {
    if (!source.start()) return 2
  } catch (error) {
    say((error as Error).message)
    return 2
  }
  const stops: (() => Promise<void> | void)[] = [() => source.stop()]
  try {
    const parts = await build(settings, source, definitions, say, stops)
    return settings.approve ? await approve(parts, definitions, say) : await serve(parts, source, say)
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/** The parts of the proxy that a single server needs; each leaves in `stops` how it ends. */
async function build(
  settings: Settings,
  source: LocalSource,
  definitions: DefinitionFile,
  say: Say,
  stops: (() => Promise<void> | void)[],
): Promise<DoorParts> {
  const env = readEnv()
  const record = await openRecord(settings.record, env.auditDurability !== 'append', say)
  stops.push(() => record.close())
  const writer = new DecisionWriter(record, env.proxyName, digestKey(env))
  stops.push(() => writer.close())
  const enforcement = () => source.current
  const metrics = { decided: () => undefined, refundFailed: () => undefined }
  const tracing = await openTraces(env, say)
  stops.push(() => tracing?.close())
  const enforcer = new Enforcer(enforcement, new Limits(new MemoryCounterStore()), writer, metrics, tracing)
  const refusals = new Refusals(enforcer, enforcement)
  const log = plainLog(say)
  const reports = settings.approve ? pinning(definitions) : source
  const parts = sessionParts({ enforcer, refusals, reports, enforcement, log, onClose: () => undefined })
  const upstreams = new Upstreams({ secret: '', searchPath: env.searchPath, given: given(settings) }, log)
  stops.push(() => upstreams.close())
  const server = source.current?.servers.get(settings.server)
  if (!server) throw new Error('No policy is in force.')
  return { parts, upstreams, refusals, server, key: { identityId: LOCAL.id, identity: LOCAL, prefix: null } }
}

/** The variables may be meant for the server, so what is wrong with them stops nothing here. */
async function openTraces(env: ReturnType<typeof readEnv>, say: Say): Promise<Tracing | null> {
  try {
    if (!env.tracing) return null
    const { openTracing } = await import('./open-tracing')
    const exporting = { settings: env.tracing, version: VERSION, name: env.proxyName, log: plainLog(say) }
    return await openTracing({ ...exporting, transport: 'pipe', count: () => undefined })
  } catch (error) {
    say(`no traces are made: ${(error as Error).message}`)
    return null
  }
}

async function serve(parts: DoorParts, source: LocalSource, say: Say): Promise<number> {
  const { stdin, stdout } = process
  const door = new StdioDoor(parts, stdout)
  source.onActivate = () => door.tellToolsChanged()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stdin.destroy())
  const ending = await door.run(stdin)
  stdin.destroy()
  if (stdout.writableLength > 0 && !stdout.destroyed) await once(stdout, 'drain')
  if (ending === 'server') say('the server has ended, so this ends too.')
  if (ending === 'unusable') say('a message was too large, or the client does not read what it is sent.')
  return ending === 'client' ? 0 : 1
}

async function approve(parts: DoorParts, definitions: DefinitionFile, say: Say): Promise<number> {
  const problem = await listOnce(parts)
  if (problem !== null) say(problem)
  const pinned = problem === null ? definitions.read() : null
  if (problem === null && !pinned) say('the server lists no tools; nothing is pinned.')
  return pinned ? 0 : 1
}

/** What is listed is what is approved; the person who asked for it reads what is different. */
function pinning(definitions: DefinitionFile) {
  return {
    report(_slug: string, _tools: unknown, seen: Parameters<DefinitionFile['pin']>[0]): void {
      const { added, changed, missing } = compareDefinitions(definitions.read() ?? [], seen)
      definitions.pin(seen)
      for (const [what, names] of Object.entries({ new: added, changed, gone: missing }))
        for (const name of names) process.stdout.write(`${what}: ${name}\n`)
      process.stdout.write(`${seen.length} tools are pinned in ${definitions.path}.\n`)
    },
  }
}

function given({ command, headers }: Settings) {
  const [file = '', ...args] = command
  const launch = { file, args, env: inheritedEnvironment(), cwd: process.cwd() }
  return { headers, launch, onStderr: (chunk: Buffer) => void process.stderr.write(chunk) }
}

/** With a secret, digests of equal arguments are equal from run to run; without one they are so within a run. */
function digestKey(env: ReturnType<typeof readEnv>): Buffer {
  try {
    return deriveKey(env.secret, 'argument-digest')
  } catch {
    return randomBytes(32)
  }
}

/** What goes wrong, in a sentence; the server's own words have been passed on already. */
function plainLog(say: Say): Log {
  const tell = (fields: unknown, message?: unknown) => {
    const { exit, problem, error } = fields as { exit?: unknown; problem?: unknown; error?: Error }
    const detail = exit ?? problem ?? error?.message
    say(`${String(message)}${detail === undefined ? '' : ` (${String(detail)})`}.`)
  }
  return { info: () => undefined, warn: tell, error: tell }
}
