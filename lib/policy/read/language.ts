import { z } from 'zod'

/** The pages' CSP knows no `unsafe-eval`; zod needs none, only more time, and only while one edits. */
z.config({ jitless: true })

const name = z.string().min(1).max(512)
const duration = z.union([
  z.int().min(1).max(31_622_400).meta({ description: 'Seconds' }),
  z
    .string()
    .regex(/^(?:minute|hour|day|[1-9][0-9]{0,7}[smh])$/)
    .meta({ description: '`minute`, `hour`, `day`, or such as `90s`, `15m`, `6h`' }),
])
const text = z.string().max(2000)
const paths = z.array(z.string().min(1).max(512)).max(256)

export const OPERATORS = [
  'eq',
  'neq',
  'in',
  'not_in',
  'lt',
  'lte',
  'gt',
  'gte',
  'regex',
  'contains',
  'exists',
  'glob',
  'starts_with',
  'ends_with',
] as const

const condition = z
  .strictObject({
    path: z.string().min(1).max(512).meta({
      pattern: '^(args|identity|session|server|tool|request|state)\\.',
      description: '`args.<a.b>`, `identity.…`, `session.id`, `server.name`, `tool.…`, `request.…`, `state.…`',
    }),
    op: z.enum(OPERATORS),
    value: z.unknown(),
  })
  .meta({ id: 'condition', description: 'One comparison' })
const conditions = z.array(condition).max(200)

const limit = z.strictObject({
  max: z.number().positive().max(9_007_199_254),
  window: duration,
  per: z.enum(['session', 'identity', 'tool', 'server']).optional().meta({ description: 'Default: session' }),
  cost: z
    .union([z.number().positive().max(9_007_199_254), z.string().min(1).max(512)])
    .optional()
    .meta({ description: 'A number, or the `args.` path of one: makes the limit a budget' }),
})
const rateLimit = z.union([
  z.string().max(64).meta({
    pattern: '^[1-9][0-9]{0,9}/(minute|hour|day)$',
    description: 'Such as `10/hour`: shared by all callers of the server',
  }),
  limit,
])

const validate = z.strictObject({
  required_args: z.boolean().optional().meta({ description: 'Every required property is present' }),
  schema: z.boolean().optional().meta({ description: 'The arguments fit the pinned JSON Schema' }),
  unknown_args: z.literal('deny').optional().meta({ description: 'No argument that the schema does not name' }),
  max_bytes: z.int().min(1).max(16_777_216).optional().meta({ description: 'Largest size of the arguments as JSON' }),
})

const state = z.strictObject({
  counter: z.string().min(1).max(128),
  window: duration,
  increment: z.number().positive().max(9_007_199_254).optional(),
  increment_from: z.string().min(1).max(512).optional(),
})

const approval = z.strictObject({
  timeout: duration.optional().meta({ description: 'How long one waits for an answer; default 30m' }),
  valid_for: duration.optional().meta({ description: 'How long a yes can be used, once; default 10m' }),
  hold: duration.optional().meta({ description: 'How long the call itself is held open; default none, at most 60s' }),
})

const rule = z
  .strictObject({
    name: name.max(200).optional().meta({ description: 'Default: `<entry>#<n>`' }),
    mode: z.enum(['enforce', 'shadow']).optional().meta({ description: 'A shadow rule is recorded, not enforced' }),
    action: z.enum(['allow', 'deny', 'require_approval', 'evaluate']).optional(),
    when: conditions.optional().meta({ description: 'The rule speaks only if all of these hold' }),
    conditions: conditions
      .nullable()
      .optional()
      .meta({ description: 'All of these must hold, else the call is denied' }),
    rate_limit: rateLimit.optional(),
    state: state.optional(),
    validate: validate.optional(),
    approval: approval.optional(),
    reason: text.optional().meta({ description: 'What the caller is told when the rule refuses' }),
    on_deny: text.optional().meta({ description: 'The same as `reason`' }),
    redact: paths.optional().meta({ description: '`args.` paths that are never stored' }),
  })
  .meta({ id: 'rule', description: 'One rule; every rule that applies must pass' })

const filledEntry = z.strictObject({
  rules: z.array(rule).max(10_000).nullable().optional(),
  hide: z.boolean().optional(),
})
const entry = filledEntry.nullable().meta({ id: 'entry' })

const effect = z.enum(['allow', 'deny', 'require_approval'])

const identity = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  kind: z.string().optional(),
  groups: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
})

const expected = z.strictObject({ effect, rule: z.string().optional(), code: z.string().optional() })

const test = z
  .strictObject({
    name: name.max(200),
    call: name,
    args: z.record(z.string(), z.unknown()).nullable().optional(),
    identity: identity.optional(),
    session: z.string().min(1).max(256).optional(),
    at: z.string().optional().meta({ description: 'RFC 3339; default 2026-01-05T12:00:00Z, a Monday' }),
    calls_before: z.int().min(0).max(10_000).optional().meta({ description: 'The same call, so many times before' }),
    expect: z.union([effect, expected]),
  })
  .meta({ id: 'test', description: 'Run on every save; a failing one blocks publishing' })

/** The shape of a policy. Its JSON Schema is generated from this, and so is what the parser accepts. */
export const language = z
  .strictObject({
    version: z.union([z.literal('1'), z.literal(1)]).optional(),
    description: z.string().max(10_000).optional(),
    timezone: z.string().min(1).max(64).optional().meta({ description: 'IANA name for request.*; default UTC' }),
    default: z.enum(['allow', 'deny']).optional(),
    hide: z.array(z.string().max(512)).max(10_000).nullable().optional(),
    redact: paths.nullable().optional(),
    tools: z.record(z.string().min(1).max(512), entry).nullable().optional(),
    tests: z.array(test).max(1000).nullable().optional(),
  })
  .meta({ id: 'policy', title: 'Intercept policy, version 1' })

export type WrittenPolicy = z.infer<typeof language>
export type WrittenEntry = z.infer<typeof entry>
export type WrittenRule = z.infer<typeof rule>
export type WrittenCondition = z.infer<typeof condition>
export type WrittenTest = z.infer<typeof test>

/** JSON Schema (2020-12) of the language, for any editor. */
export function jsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(language, { target: 'draft-2020-12', io: 'input' }) as Record<string, unknown>
}

const SHAPES = {
  policy: language.shape,
  entry: filledEntry.shape,
  rule: rule.shape,
  condition: condition.shape,
  test: test.shape,
  rate_limit: limit.shape,
  validate: validate.shape,
  state: state.shape,
  approval: approval.shape,
  identity: identity.shape,
  expect: expected.shape,
}

/** The keys of one of the language's mappings, as the schema has them. */
export function keysOf(mapping: keyof typeof SHAPES): readonly string[] {
  return Object.keys(SHAPES[mapping])
}
