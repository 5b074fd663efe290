import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalRecord, sha256 } from '@/lib/audit/chain'
import { SpooledDecision, SpooledOutcome } from '@/lib/audit/model'
import type { Obligation, Reason } from '@/lib/policy'
import type { CallDecision } from './call-decision'
import { type CallOutcome, DecisionWriter, type RecordedCall } from './decision-writer'

interface Line {
  readonly text: string
  readonly digest: string | undefined
}

/** A writer whose lines are kept here. */
function writing() {
  const lines: Line[] = []
  const append = async (_kind: string, text: string, _about: unknown, digest?: string) =>
    void lines.push({ text, digest })
  return { lines, writer: new DecisionWriter({ append }, 'proxy-1', Buffer.alloc(32, 7)) }
}

const reason = (members: Partial<Reason>): Reason => ({
  policy: 'mistral',
  rule: 'open',
  pointer: '/tools/a/rules/0',
  line: 4,
  effect: 'allow',
  code: null,
  message: '',
  ...members,
})
const condition = { clause: 'conditions', path: 'args.a', op: 'eq', needs: 1, was: 2, holds: false } as const
const REASONS = [reason({}), reason({ rule: 'other' }), reason({ conditions: [condition] })]
const OBLIGATIONS: Obligation[] = [
  { kind: 'redact', paths: ['args.pin'] },
  { kind: 'redact', paths: [] },
]
const TOOLS = [null, { category: 'execute', risk: 'high' }, { category: 'read', risk: 'low' }]
const NAMES = ['workflow_interact', 'é"\\', `ghp_${'a'.repeat(36)}`, '\uD800']

const oneOf = <Value>(...values: Value[]) => fc.constantFrom(...values)
const caller = fc.record({
  identityId: oneOf('0199aa00-0000-7000-8000-000000000001', '0199aa00-0000-7000-8000-000000000002'),
  identity: oneOf('one', 'two'),
  keyPrefix: oneOf(null, 'ik_1', 'ik_2'),
  session: oneOf(null, 's1', 's2'),
  clientName: oneOf(null, ...NAMES),
  clientVersion: oneOf(null, '1', '2'),
})
const call = fc.record({
  caller,
  server: oneOf('a', 'b'),
  method: oneOf('tools/call', 'prompts/get'),
  name: oneOf(null, ...NAMES),
  args: fc.oneof(
    fc.constant(null),
    fc.dictionary(
      oneOf('a', 'pin', 'é'),
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: 'binary' }),
        oneOf(`ghp_${'b'.repeat(36)}`),
      ),
    ),
  ),
  requestId: fc.oneof(fc.constant(null), fc.integer(), oneOf(...NAMES)),
  traceId: oneOf(null, 'a'.repeat(32)),
  serverSettings: oneOf(null, { argumentsKept: 'keep' }, { argumentsKept: 'keys' }, { argumentsKept: 'none' }),
  tool: oneOf(...TOOLS),
  definition: fc.constant(null),
  definitionDigest: oneOf(null, 'd'.repeat(64)),
  revision: oneOf(null, 1, 2),
  decidedInUs: oneOf(null, 0, 17),
}) as unknown as fc.Arbitrary<RecordedCall>
const decision = fc.record({
  effect: oneOf('allow', 'allow', 'deny'),
  code: oneOf(null, 'policy_denied'),
  message: oneOf('', 'no', '\0'),
  reasons: fc.array(oneOf(...REASONS), { maxLength: 2 }),
  obligations: fc.array(oneOf(...OBLIGATIONS), { maxLength: 2 }),
  shadow: oneOf(null, null, { effect: 'deny', code: null, rule: '', reasons: [] }),
}) as unknown as fc.Arbitrary<CallDecision>

test('the record of a call is the same whichever calls came before it, and canonical', async () => {
  const calls = fc.array(fc.tuple(call, decision), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(calls, async made => {
      const long = writing()
      for (const [asked, decided] of made) {
        const id = long.writer.newId()
        const fresh = writing()
        await Promise.all([long.writer.record(id, asked, decided), fresh.writer.record(id, asked, decided)])
        expect(long.lines.at(-1)).toEqual(fresh.lines[0])
        const { text, digest } = fresh.lines[0] as Line
        expect(text).toBe(canonicalRecord(text))
        expect(digest).toBe(sha256(canonicalRecord(text)))
        const place = { chain: id.id, sequence: 1, hash: 'e'.repeat(64) }
        expect(SpooledDecision.safeParse({ ...JSON.parse(text), ...place }).error?.message).toBeUndefined()
      }
    }),
    { numRuns: 150 },
  )
})

test('calls that are alike but for one thing leave records that differ in it', async () => {
  const { lines, writer } = writing()
  const id = writer.newId()
  const base = {
    caller: {
      identityId: '0199aa00-0000-7000-8000-000000000001',
      identity: 'one',
      keyPrefix: 'ik_1',
      session: 's1',
      clientName: 'c',
      clientVersion: '1',
    },
    server: 'a',
    method: 'tools/call',
    name: 'n',
    args: { a: 1 },
    requestId: 1,
    traceId: null,
    serverSettings: null,
    tool: null,
    definition: null,
    definitionDigest: null,
    revision: 1,
    decidedInUs: 1,
  } satisfies RecordedCall
  const allowed: CallDecision = {
    effect: 'allow',
    code: null,
    message: '',
    reasons: [reason({})],
    obligations: [],
    shadow: null,
  }
  const changes: [RecordedCall, CallDecision][] = [
    ...Object.keys(base.caller).map((key): [RecordedCall, CallDecision] => [
      { ...base, caller: { ...base.caller, [key]: '0199aa00-0000-7000-8000-000000000009' } },
      allowed,
    ]),
    [{ ...base, server: 'b' }, allowed],
    [{ ...base, method: 'prompts/get' }, allowed],
    [{ ...base, name: 'm' }, allowed],
    [{ ...base, tool: TOOLS[1] as never }, allowed],
    [{ ...base, definitionDigest: 'd' }, allowed],
    [{ ...base, revision: 2 }, allowed],
    [{ ...base, args: { a: 2 } }, allowed],
    [{ ...base, requestId: 2 }, allowed],
    [{ ...base, traceId: 'a' }, allowed],
    [{ ...base, decidedInUs: 2 }, allowed],
    [base, { ...allowed, code: 'policy_denied' }],
    [base, { ...allowed, message: 'm' }],
    [base, { ...allowed, reasons: [reason({ rule: 'other' })] }],
    [base, { ...allowed, reasons: [reason({ conditions: [condition] })] }],
    [base, { ...allowed, obligations: [OBLIGATIONS[0] as Obligation] }],
    [base, { ...allowed, effect: 'deny' }],
  ]
  for (const [asked, decided] of changes) {
    await writer.record(id, base, allowed)
    await writer.record(id, asked, decided)
  }
  const [first, ...rest] = lines.map(({ text }) => text)
  expect(rest.filter((_, i) => i % 2 === 1)).toEqual(Array.from({ length: changes.length - 1 }, () => first))
  expect(new Set(rest.filter((_, i) => i % 2 === 0)).size).toBe(changes.length)
  expect(rest).not.toContain(undefined)
})

test.each<[string, CallOutcome]>([
  ['answered', { kind: 'result', durationMs: 12.3456, resultBytes: 3, status: 200 }],
  ['answered with an error', { kind: 'error', isError: true, durationMs: 0.00001, status: -32000 }],
  ['nobody knows', { kind: 'unknown', error: 'é"\\\0 gone' }],
  ['nothing of it', { kind: 'not_sent' }],
])('the outcome of a call that was %s is canonical', (_, outcome) => {
  const { lines, writer } = writing()
  const id = writer.newId()
  writer.recordOutcome(id, outcome)
  const { text, digest } = lines[0] as Line
  expect(digest).toBe(sha256(canonicalRecord(text)))
  expect(text).toBe(canonicalRecord(text))
  const place = { chain: id.id, sequence: 1, hash: 'e'.repeat(64) }
  expect(SpooledOutcome.safeParse({ ...JSON.parse(text), ...place }).success).toBe(true)
})
