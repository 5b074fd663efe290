import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { MemoryCounterStore } from '@/lib/limits/memory'
import { compile, type Document, parse, type ToolDefinition } from '@/lib/policy'
import { decideAndReserve } from './decide-and-reserve'
import { readCall } from './read-call'

const FOLDER = new URL('../../lib/policy/testdata/', import.meta.url)

interface GoldenCall {
  tool: string
  /** The input line itself, where JavaScript could not hold it. */
  line?: string
  expect: Record<string, unknown>
  [key: string]: unknown
}

interface Golden {
  name: string
  policy: string
  every_server?: string
  tools?: (ToolDefinition & { category?: keyof typeof RISKS })[]
  calls?: GoldenCall[]
  diagnostics?: string[]
}

const RISKS = { Read: 'low', Write: 'medium', Execute: 'high', Destructive: 'critical', Financial: 'critical' } as const

const files = readdirSync(FOLDER).filter(file => file.endsWith('.yaml'))

describe.each(files)('%s', file => {
  const cases: Golden[] = parseYaml(readFileSync(new URL(file, FOLDER), 'utf8'))
  it.each(cases.map(golden => [golden.name, golden] as const))('%s', async (_name, golden) => {
    if (golden.diagnostics) {
      expect(sayDiagnostics(golden)).toEqual(golden.diagnostics)
      applyEachFix(golden)
    }
    if (golden.calls) await decideAll(golden, golden.calls)
  })
})

function sayDiagnostics({ policy, tools }: Golden): string[] {
  const { diagnostics } = parse(policy, tools ? { definitions: tools } : {})
  return diagnostics.map(({ severity, range, code, fix }) => {
    const { start, end } = range
    const place = `${start.line}:${start.column}-${end.line === start.line ? '' : `${end.line}:`}${end.column}`
    return `${severity} ${place} ${code}${fix ? ` (${fix.title})` : ''}`
  })
}

/** What a fix promises: applied alone, it leaves one finding of its code less, and the text still YAML. */
function applyEachFix({ policy, tools }: Golden): void {
  const context = tools ? { definitions: tools } : {}
  const { diagnostics } = parse(policy, context)
  for (const { code, fix } of diagnostics) {
    if (!fix) continue
    let text = policy
    for (const { from, to, insert } of fix.edits.toReversed()) text = text.slice(0, from) + insert + text.slice(to)
    const count = (found: readonly { code: string }[]) => found.filter(other => other.code === code).length
    const after = parse(text, context).diagnostics
    expect(count(after), `${fix.title}: ${text}`).toBeLessThan(count(diagnostics))
    expect(
      after.filter(other => other.code === 'yaml_syntax'),
      text,
    ).toEqual([])
  }
}

function read(text: string): Document {
  const { document, diagnostics } = parse(text)
  if (!document) throw new Error(`refused: ${JSON.stringify(diagnostics)}`)
  return document
}

async function decideAll({ policy, every_server, tools = [] }: Golden, calls: readonly GoldenCall[]): Promise<void> {
  const definitions = tools.map(tool => (tool.category ? { ...tool, risk: RISKS[tool.category] } : tool))
  const policies = [compile(read(policy), { name: 'server', definitions })]
  if (every_server !== undefined) policies.push(compile(read(every_server), { name: '*', definitions }))
  const byName = new Map(definitions.map(definition => [definition.name, definition]))
  const store = new MemoryCounterStore()
  for (const [index, { line, expect: expected, ...written }] of calls.entries()) {
    const text = line ?? JSON.stringify({ at: '2026-01-05T12:00:00Z', ...written })
    const { call, upstreamFails } = readCall(text, `call ${index + 1}`, 'server', byName)
    const { decision, reservation } = await decideAndReserve(policies, call, store)
    if (reservation && upstreamFails) await store.refund(reservation)
    expect({ call: text, ...decision }).toMatchObject({ call: text, ...expected })
  }
}
