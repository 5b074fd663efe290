import { existsSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import cedar from '@cedar-policy/cedar-wasm/nodejs'
import { loadPolicy } from '@open-policy-agent/opa-wasm'
import { Bench } from 'tinybench'
import { type Call, type CompiledPolicy, compile, type Document, evaluate, parse, readJson } from '@/lib/policy'

/** No policy compiled by OPA can be faster than this one (opa-floor.wat): it answers without reading its input. */
const OPA_FLOOR = new URL('./bench/opa-floor.wasm', import.meta.url)

/** `--opa FILE`: a policy.wasm of the rule in CEDAR below, made by `opa build -t wasm`; no compiler of OPA is on npm. */
const opaFile = process.argv.includes('--opa') ? (process.argv[process.argv.indexOf('--opa') + 1] ?? '') : ''

const CALL: Call = {
  method: 'tools/call',
  tool: { name: 'workflow_interact', category: 'Execute', risk: 'high' },
  args: {
    action: 'query',
    executionId: 'wf-123456-abc',
    path: 'reports/2026/january.csv',
    input: { customer: { tier: 'gold', country: 'FR' }, amount: { value: 120, currency: 'eur' } },
  },
  identity: { id: 'i1', name: 'demo-agent', kind: 'agent', groups: ['support'], labels: { team: 'ops' } },
  session: { id: 's1' },
  server: { name: 'mistral' },
  at: Date.UTC(2026, 0, 5, 12),
}

/** Ten rules that all apply: three conditions with nested paths, one pattern, one glob among them. */
const TYPICAL = `
version: "1"
default: deny
tools:
  workflow_interact:
    rules:
      - { name: open, action: allow }
      - { name: tier, conditions: [{ path: args.input.customer.tier, op: in, value: [gold, silver] }] }
      - { name: country, conditions: [{ path: args.input.customer.country, op: neq, value: KP }] }
      - { name: amount, conditions: [{ path: args.input.amount.value, op: lte, value: 1000 }] }
      - { name: id, conditions: [{ path: args.executionId, op: regex, value: "^wf-[0-9]+-[a-z]+$" }] }
      - { name: file, conditions: [{ path: args.path, op: glob, value: "reports/**" }] }
      - { name: no update, action: deny, when: [{ path: args.action, op: eq, value: update }] }
      - { name: no guests, action: deny, when: [{ path: identity.kind, op: eq, value: guest }] }
      - { name: no contractors, action: deny, when: [{ path: identity.groups, op: contains, value: contractors }] }
      - { name: a person decides, action: require_approval, when: [{ path: tool.category, op: eq, value: Financial }] }
`

const CEDAR = `permit(principal, action == Action::"call", resource == Tool::"workflow_interact") when {
  ["gold", "silver"].contains(context.args.input.customer.tier) && context.args.input.customer.country != "KP" &&
  context.args.input.amount.value <= 1000 && context.args.executionId like "wf-*" &&
  context.args.path like "reports/*" && context.args.action != "update" };`

/** The same rule, for a comparison of like with like. */
const EQUIVALENT = `
default: deny
tools:
  workflow_interact:
    rules:
      - name: like cedar
        action: allow
        conditions:
          - { path: args.input.customer.tier, op: in, value: [gold, silver] }
          - { path: args.input.customer.country, op: neq, value: KP }
          - { path: args.input.amount.value, op: lte, value: 1000 }
          - { path: args.executionId, op: starts_with, value: wf- }
          - { path: args.path, op: glob, value: "reports/**" }
          - { path: args.action, op: neq, value: update }
`

function read(text: string): Document {
  const { document, diagnostics } = parse(text)
  if (!document) throw new Error(JSON.stringify(diagnostics))
  return document
}

function rulesText(count: number): string {
  const rules = Array.from(
    { length: count },
    (_, i) => `      - { name: r${i}, conditions: [{ path: args.input.amount.value, op: neq, value: ${i + 1000} }] }`,
  )
  return `default: deny\ntools:\n  workflow_interact:\n    rules:\n${rules.join('\n')}\n`
}

function toolsText(count: number): string {
  const tools = Array.from(
    { length: count },
    (_, i) =>
      `  tool_${i}:\n    rules:\n      - action: allow\n        rate_limit: { max: 10, window: 60 }\n        conditions: [{ path: args.id, op: regex, value: "^t${i}-[0-9]+$" }]`,
  )
  return `default: deny\ntools:\n${tools.join('\n')}\n`
}

/** What the call holds, as Cedar takes it: the identity is an entity, the arguments are the context. */
function cedarCall() {
  const principal = { type: 'Agent', id: 'i1' }
  const { id: _id, ...attrs } = CALL.identity ?? {}
  return {
    principal,
    action: { type: 'Action', id: 'call' },
    resource: { type: 'Tool', id: CALL.tool.name },
    context: { args: JSON.parse(JSON.stringify(CALL.args)) },
    entities: [{ uid: principal, attrs: JSON.parse(JSON.stringify(attrs)), parents: [] }],
    preparsedPolicySetId: 'bench',
  }
}

async function measure(): Promise<Map<string, number>> {
  const typical = [compile(read(TYPICAL), { name: 'mistral' })]
  const hundred = [compile(read(rulesText(100)), { name: 'mistral' })]
  const bench = new Bench({ time: 1000, warmupTime: 500 })
  const repeat = (policies: readonly CompiledPolicy[]) => () => {
    for (let i = 0; i < 100; i++) if (evaluate(policies, CALL).effect !== 'allow') throw new Error('not allowed')
  }
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name: CALL.tool.name, arguments: CALL.args },
  })
  bench.add('typical decision, 10 rules', repeat(typical))
  bench.add('a hundred rules', repeat(hundred))
  bench.add('one rule, the same as below', repeat([compile(read(EQUIVALENT), { name: 'mistral' })]))
  bench.add(`strict JSON, ${body.length} B`, () => {
    for (let i = 0; i < 100; i++) readJson(body)
  })
  bench.add(`JSON.parse, ${body.length} B`, () => {
    for (let i = 0; i < 100; i++) JSON.parse(body)
  })
  const parsed = cedar.preparsePolicySet('bench', { staticPolicies: CEDAR })
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed))
  const cedarRequest = cedarCall()
  bench.add('cedar-wasm, one rule, pre-parsed', () => {
    const answer = cedar.statefulIsAuthorized(cedarRequest)
    if (answer.type !== 'success' || answer.response.decision !== 'allow') throw new Error(JSON.stringify(answer))
  })
  for (const [name, file] of [
    ['opa-wasm, a policy that does nothing', OPA_FLOOR],
    ['opa-wasm, one rule', opaFile],
  ] as const) {
    if (!existsSync(file)) continue
    const opa = await loadPolicy(readFileSync(file))
    const input = { tool: CALL.tool, args: CALL.args, identity: CALL.identity }
    bench.add(name, () => {
      opa.evaluate(input)
    })
  }
  await bench.run()
  return new Map(bench.tasks.map(task => [task.name, nanoseconds(task)]))
}

/** Median of a run, for one call; the loops above make a hundred. */
function nanoseconds(task: Bench['tasks'][number]): number {
  const { result } = task
  if (!('latency' in result)) throw new Error(`${task.name}: ${JSON.stringify(result)}`)
  return (result.latency.p50 * 1e6) / (task.name.includes('wasm') ? 1 : 100)
}

function measureCompile(): void {
  const document = read(toolsText(1000))
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now()
    const before = process.cpuUsage()
    compile(document, { name: 'bench' })
    const { user, system } = process.cpuUsage(before)
    return { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 }
  }).sort((a, b) => a.wallMs - b.wallMs)
  const { wallMs, cpuMs } = times[3] ?? { wallMs: 0, cpuMs: 0 }
  console.log(
    `compile a parsed document of 1,000 tools      ${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of CPU (target: under 150 ms)`,
  )
  const small = read(TYPICAL)
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 1000 }, (_, i) => compile(structuredClone(small), { name: `s${i}` }))
  globalThis.gc?.()
  const bytes = process.memoryUsage().heapUsed - before
  console.log(
    `memory of ${kept.length} compiled documents of ten rules ${(bytes / 1e6).toFixed(1)} MB${globalThis.gc ? '' : ' (before collection)'}`,
  )
}

function report(times: Map<string, number>): void {
  const typical = times.get('typical decision, 10 rules') ?? 0
  const equivalent = times.get('one rule, the same as below') ?? 0
  for (const [name, time] of times) {
    const base = name.includes('wasm') ? equivalent : typical
    console.log(`${name.padEnd(36)} ${time.toFixed(0).padStart(9)} ns ${(time / base).toFixed(1).padStart(8)} ×`)
  }
  if (!existsSync(opaFile)) {
    console.log(
      'opa-wasm: npm has no compiler of Rego to WebAssembly, so only its floor is measured. Give a policy with --opa policy.wasm.',
    )
  }
  console.log(
    `load average ${loadavg()
      .map(load => load.toFixed(2))
      .join(' ')}; × is to the typical decision, of the wasm engines to the one rule`,
  )
}

report(await measure())
measureCompile()
