import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { MemoryCounterStore } from '@/lib/limits/memory'
import { type CompiledPolicy, compile, type Decision, writeJson } from '@/lib/policy'
import { BadInput } from './bad-input'
import { decideAndReserve } from './decide-and-reserve'
import { readCall } from './read-call'
import { readPolicy, wasRefused } from './read-policy'
import { readTools } from './read-tools'

export interface EvalOptions {
  readonly policy: string
  readonly calls: string
  readonly tools?: string
  readonly everyServer?: string
  readonly server: string
}

/** Decides each line of `--calls`, counters kept from line to line, with the clock at the line's `at`. */
export async function evalCalls({ policy, calls, tools, everyServer, server }: EvalOptions): Promise<number> {
  const definitions = await readTools(tools)
  const policies: CompiledPolicy[] = []
  for (const [file, name] of [
    [policy, server],
    [everyServer, '*'],
  ] as const) {
    if (file === undefined) continue
    const read = await readPolicy(file, definitions)
    if (wasRefused(read) || !read.document) return 2
    policies.push(compile(read.document, { name, definitions }))
  }
  const byName = new Map(definitions.map(definition => [definition.name, definition]))
  const store = new MemoryCounterStore()
  let number = 0
  for await (const line of linesOf(calls)) {
    number++
    if (line.trim() === '') continue
    // Editors on Windows begin a file with a byte order mark.
    const { call, upstreamFails } = readCall(
      number === 1 ? line.replace(/^\ufeff/, '') : line,
      `${calls} line ${number}`,
      server,
      byName,
    )
    const { decision, reservation } = await decideAndReserve(policies, call, store)
    if (reservation && upstreamFails) await store.refund(reservation)
    if (!process.stdout.write(`${writeDecision(decision)}\n`)) await once(process.stdout, 'drain')
  }
  return 0
}

function writeDecision({
  effect,
  code,
  rule,
  message,
  reasons,
  obligations,
  errors,
  revision,
  shadow,
}: Decision): string {
  const extra = { ...(errors.length > 0 ? { errors } : {}), ...(shadow ? { shadow } : {}) }
  return writeJson({ effect, code, rule, message, reasons, obligations, revision, ...extra })
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (error instanceof BadInput) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new BadInput(`${file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`)
  }
}
