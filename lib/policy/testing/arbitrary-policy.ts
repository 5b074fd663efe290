import fc from 'fast-check'
import type { Call } from '../index'

/** Documents of version 1 that are valid by construction, as the plain objects one would write. */
const NAMES = ['read', 'write', 'pay', 'drop', 'read_all']
const PATHS = [
  'args.a',
  'args.b.c',
  'args.list.*',
  'args.b.list.*.n',
  'identity.name',
  'identity.groups',
  'session.id',
  'request.hour',
  'tool.category',
]

const scalar = fc.oneof(
  fc.integer({ min: -5, max: 20 }),
  fc.constantFrom('x', 'y', 'xy', '5', 'true', ''),
  fc.boolean(),
  fc.constant(null),
)
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('c', 'n'), scalar, { maxKeys: 2 }),
)

const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('eq', 'neq', 'contains'), value }),
  fc.record({ op: fc.constantFrom('in', 'not_in'), value: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ op: fc.constantFrom('lt', 'lte', 'gt', 'gte'), value: fc.integer({ min: -5, max: 20 }) }),
  fc.record({ op: fc.constant('exists'), value: fc.boolean() }),
  fc.record({ op: fc.constantFrom('starts_with', 'ends_with', 'glob'), value: fc.constantFrom('x', 'x*', '**', '') }),
  fc.record({ op: fc.constant('regex'), value: fc.constantFrom('^x', 'y$', '[a-z]+', '') }),
)

const condition = fc.tuple(fc.constantFrom(...PATHS), operation).map(([path, rest]) => ({ path, ...rest }))
const clause = fc.array(condition, { minLength: 1, maxLength: 3 })
const mode = fc.constantFrom('enforce', 'shadow')
const objectLimit = fc.record(
  {
    max: fc.integer({ min: 1, max: 9 }),
    window: fc.constantFrom(60, 'hour', '15m'),
    per: fc.constantFrom('session', 'identity', 'tool', 'server'),
    cost: fc.constantFrom('args.a', 2),
  },
  { requiredKeys: ['max', 'window'] },
)

const refusing = fc.record(
  {
    action: fc.constantFrom('deny', 'require_approval'),
    when: clause,
    reason: fc.constantFrom('no', 'ask: "why"'),
    mode,
  },
  { requiredKeys: ['action'] },
)
const allowing = fc.record(
  {
    action: fc.constant('allow'),
    when: clause,
    conditions: clause,
    rate_limit: objectLimit,
    mode,
    redact: fc.constant(['args.a']),
  },
  { requiredKeys: ['action'] },
)
const constraining = fc.record(
  { conditions: clause, when: clause, rate_limit: objectLimit, mode },
  { requiredKeys: ['conditions'] },
)
const rule = fc.oneof(refusing, allowing, constraining)

/** Rules get names of their own, so that no two limits share a counter. */
const rules = fc
  .array(rule, { maxLength: 4 })
  .map(list => list.map((item, index) => ({ name: `rule ${index}`, ...item })))
const entry = fc.oneof({ weight: 5, arbitrary: fc.record({ rules }) }, { weight: 1, arbitrary: fc.constant(null) })

export type WrittenPolicy = Record<string, unknown> & {
  tools: Record<string, { rules: Record<string, unknown>[] } | null>
}

export const arbitraryPolicy: fc.Arbitrary<WrittenPolicy> = fc
  .record(
    {
      version: fc.constant('1'),
      description: fc.string({ maxLength: 20 }).filter(text => !/[\0\p{Surrogate}]/u.test(text)),
      timezone: fc.constantFrom('UTC', 'Europe/Paris'),
      default: fc.constantFrom('allow', 'deny'),
      hide: fc.uniqueArray(fc.constantFrom('drop', 'pa*'), { maxLength: 2 }),
      redact: fc.constant(['args.b']),
      tools: fc.dictionary(fc.constantFrom(...NAMES, 'read*', '*', '?ay'), entry, {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['tools'] },
  )
  .map(policy => policy as WrittenPolicy)

const identity = fc.option(
  fc.record(
    {
      id: fc.constantFrom('i1', 'i2'),
      name: fc.constantFrom('x', 'ops'),
      groups: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
)

export const arbitraryCall: fc.Arbitrary<Call> = fc.record({
  method: fc.constant('tools/call'),
  tool: fc.record(
    { name: fc.constantFrom(...NAMES), category: fc.constantFrom('Read' as const, 'Destructive' as const) },
    { requiredKeys: ['name'] },
  ),
  args: fc.record(
    {
      a: value,
      b: fc.oneof(scalar, fc.record({ c: value, list: fc.array(fc.record({ n: scalar }), { maxLength: 3 }) })),
      list: fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })),
    },
    { requiredKeys: [] },
  ),
  identity,
  session: fc.option(fc.record({ id: fc.constantFrom('s1', 's2') })),
  server: fc.constant({ name: 'server' }),
  at: fc.integer({ min: 0, max: 2_000_000_000_000 }),
})
