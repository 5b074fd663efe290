import { expect, it } from 'vitest'
import {
  type Call,
  type CompiledPolicy,
  compile,
  evaluate,
  parse,
  requirements,
  type ToolDefinition,
  visibility,
  writeJson,
} from './index'
import { mutateText, mutateValue, pick, seeded } from './testing/mutate'

const SEED = 20_261_122
const CASES = 100_000
const CALLS_PER_DOCUMENT = 8
/** One document or call that takes longer is a hang, also on a busy machine. */
const MAX_CASE_MS = 2_000

const RULES = [
  { name: 'open', action: 'allow', rate_limit: { max: 3, window: 60, per: 'identity', cost: 'args.n' } },
  {
    name: 'small',
    conditions: [
      { path: 'args.n', op: 'lte', value: 5 },
      { path: 'args.list.*.x', op: 'in', value: [1, 'a'] },
    ],
  },
  { name: 'word', action: 'deny', when: [{ path: 'args.text', op: 'regex', value: '^(drop|rm)+ ' }], reason: 'no' },
  {
    name: 'path',
    conditions: [{ path: 'args.path', op: 'glob', value: '/data/**' }],
    validate: { schema: true, required_args: true },
  },
  {
    name: 'hours',
    action: 'require_approval',
    when: [
      { path: 'request.hour', op: 'not_in', value: [9, 10] },
      { path: 'identity.groups', op: 'contains', value: 'x' },
    ],
  },
  { name: 'count', conditions: [{ path: 'state.t.c', op: 'lte', value: 2 }], state: { counter: 'c', window: 'hour' } },
  { name: 'shadow', mode: 'shadow', action: 'deny', when: [{ path: 'tool.category', op: 'eq', value: 'Write' }] },
]

const DOCUMENTS = RULES.flatMap((rule, index) => [
  {
    default: 'deny',
    tools: { t: { rules: [rule] }, '*': { rules: [RULES[(index + 1) % RULES.length]] } },
    redact: ['args.text'],
  },
  {
    version: '1',
    timezone: 'Europe/Paris',
    hide: ['h*'],
    tools: { 't*': { rules: RULES.filter((_, other) => other !== 5 && other !== index) } },
  },
]).filter(document => parse(JSON.stringify(document)).document !== null)

const DEFINITION: ToolDefinition = {
  name: 't',
  category: 'Write',
  risk: 'medium',
  inputSchema: {
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'number' }, text: { type: 'string', pattern: '^[a-z ]*$' } },
  },
}

const CALL: Call = {
  method: 'tools/call',
  tool: { name: 't', category: 'Write', risk: 'medium' },
  args: { n: 2, text: 'read', path: '/data/a', list: [{ x: 1 }] },
  identity: { id: 'i', name: 'n', groups: ['x'], labels: {} },
  session: { id: 's' },
  server: { name: 's' },
  at: 1_767_614_400_000,
  definition: DEFINITION,
}

it('takes 100,000 mutated documents and calls without a throw, a hang, or an allow out of an error', () => {
  const random = seeded(SEED)
  let judged = 0
  for (let done = 0; done < CASES; done += CALLS_PER_DOCUMENT) {
    const text = mutatedText(random)
    const started = performance.now()
    const { document, diagnostics } = parse(text)
    expect(performance.now() - started, text).toBeLessThan(MAX_CASE_MS)
    if ((document === null) !== diagnostics.some(({ severity }) => severity === 'error')) expect.fail(text)
    if (!document) continue
    const policies = [compile(document, { name: 's', definitions: [DEFINITION] })]
    for (let i = 0; i < CALLS_PER_DOCUMENT; i++) judgeOne(policies, mutatedCall(random), text)
    judged += CALLS_PER_DOCUMENT
  }
  const share = judged / CASES
  process.stdout.write(`fuzz: ${CASES} cases, ${(share * 100).toFixed(1)} % reached evaluate (seed ${SEED})\n`)
  expect(share).toBeGreaterThanOrEqual(0.3)
}, 240_000)

function mutatedText(random: () => number): string {
  let document: unknown = pick(random, DOCUMENTS)
  const times = Math.floor(random() * 3)
  for (let i = 0; i < times; i++) document = mutateValue(document, random)
  const text = JSON.stringify(document, null, random() < 0.5 ? 1 : 0) ?? ''
  return random() < 0.25 ? mutateText(text, random) : text
}

function mutatedCall(random: () => number): Call {
  const times = 1 + Math.floor(random() * 3)
  let call: unknown = CALL
  for (let i = 0; i < times; i++) call = mutateValue(call, random)
  return call as Call
}

/** What reaches `evaluate` may be no call at all: the proxy's reader stands before it, and nothing may depend on that. */
function judgeOne(policies: readonly CompiledPolicy[], call: Call, text: string): void {
  const started = performance.now()
  const decision = evaluate(policies, call, new Map())
  const context = () => `${text}\n${JSON.stringify(call)}\n${JSON.stringify(decision)}`
  if (performance.now() - started > MAX_CASE_MS) expect.fail(`slow: ${context()}`)
  if (decision.errors.length > 0 && decision.effect !== 'deny') expect.fail(`an allow out of an error: ${context()}`)
  if (decision.effect === 'deny' && (decision.reasons.length === 0 || decision.code === null))
    expect.fail(`unexplained: ${context()}`)
  if (decision.effect === 'allow' && typeof call?.tool?.name === 'string') {
    if (visibility(policies, call.tool.name) !== 'listed') expect.fail(`an unlisted tool was allowed: ${context()}`)
    requirements(policies, call)
  }
  writeJson(decision)
}
