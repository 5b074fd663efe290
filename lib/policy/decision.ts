import type { Category, Risk, ToolDefinition } from './definition'
import type { Effect, Operator, Per } from './document'
import type { JsonObject, JsonValue } from './json/value'

/** What the record keeps; `hidden`, `no_grant` and `unknown_tool` are told to callers as `not_available`. */
export const CODES = [
  'policy_denied',
  'default_deny',
  'no_policy',
  'rate_limited',
  'invalid_arguments',
  'approval_required',
  'definition_drift',
  'policy_error',
  'malformed',
  'overloaded',
  'audit_unavailable',
  'limits_unavailable',
  'approvals_unavailable',
  'not_available',
  'hidden',
  'no_grant',
  'unknown_tool',
] as const

export type Code = (typeof CODES)[number]

export interface Identity {
  readonly id?: string
  readonly name?: string
  readonly kind?: string
  readonly groups?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}

export interface Call {
  /** The MCP method: `tools/call`, `resources/read`, … */
  readonly method: string
  readonly tool: {
    /** A tool's name, or `resources/<uri>`, `prompts/<name>`, `server/<method>`. */
    readonly name: string
    readonly category?: Category
    readonly risk?: Risk
    readonly annotations?: Readonly<Record<string, unknown>>
  }
  readonly args: JsonObject
  readonly identity: Identity | null
  readonly session?: { readonly id: string } | null
  readonly server: { readonly name: string }
  /** Epoch milliseconds, by the store's clock where there are limits. */
  readonly at: number
  /** The pinned definition; goes before the definitions the policy was compiled with. */
  readonly definition?: ToolDefinition | null
}

/** Units used in the current window, in integer millionths, by counter key. */
export type Counters = ReadonlyMap<string, number>

export interface CounterNeed {
  readonly key: string
  /** Epoch milliseconds. */
  readonly windowStart: number
  readonly windowSeconds: number
}

export interface Requirements {
  readonly counters: readonly CounterNeed[]
  /** Whether a rule validates against the pinned definition, or asks for the tool's category, risk or annotations. */
  readonly definition: boolean
}

export interface ConditionReason {
  readonly clause: 'when' | 'conditions'
  readonly path: string
  readonly op: Operator
  readonly needs: JsonValue
  /** What was found; left out when the path is missing, `[redacted]` under a redact path. An argument: mask it. */
  readonly was?: JsonValue
  readonly holds: boolean
  /** Why it could not be decided. */
  readonly error?: string
}

/** A rule that led to the effect. Built-in ones are `(default deny)`, `(default allow)`, `(hidden)`, `(named)`, `(no policy)`. */
export interface Reason {
  /** The policy's name: a server slug, `*`, or a grant. */
  readonly policy: string
  readonly rule: string
  readonly pointer: string
  readonly line: number
  readonly effect: Effect
  readonly code: Code | null
  readonly message: string
  /** What exactly failed, where the message is the author's own text. */
  readonly detail?: string
  readonly conditions?: readonly ConditionReason[]
}

interface RuleReference {
  readonly policy: string
  readonly rule: string
  readonly pointer: string
  readonly line: number
}

export interface LimitObligation extends RuleReference {
  readonly kind: 'limit'
  readonly entry: string
  /** The limit's own name in its counter: the rule's name, or the counter's for `state`. */
  readonly counter: string
  readonly per: Per
  /** Whose counter: session or identity id, tool name, empty for the whole server. */
  readonly subject: string
  readonly windowSeconds: number
  readonly max: number
  readonly maxMillionths: number
  readonly costMillionths: number
  /** Given back when the upstream answers with a JSON-RPC error. */
  readonly refundable: true
  /** What the caller is told when it is spent. */
  readonly message: string
  /** A shadow limit counts on a counter of its own and refuses nothing. */
  readonly isShadow: boolean
}

/** `evaluate` has validated already; this says what against. */
export interface ValidateObligation extends RuleReference {
  readonly kind: 'validate'
  readonly requiredArgs: boolean
  readonly schema: boolean
  readonly unknownArgs: boolean
  readonly maxBytes: number | null
}

export interface ApproveObligation extends RuleReference {
  readonly kind: 'approve'
  readonly timeoutSeconds: number
  readonly validForSeconds: number
  readonly holdSeconds: number
  /** SHA-256 over the rule's own content: an unrelated edit leaves an open approval valid. */
  readonly ruleDigest: string
}

export interface RedactObligation {
  readonly kind: 'redact'
  readonly paths: readonly string[]
}

export type Obligation = LimitObligation | ValidateObligation | ApproveObligation | RedactObligation

export interface EvaluationError extends RuleReference {
  readonly path: string
  /** The type found: `string`, `list`, `missing`, … */
  readonly type: string
  readonly message: string
}

export interface ShadowDecision {
  readonly effect: Effect
  readonly code: Code | null
  readonly rule: string
  readonly reasons: readonly Reason[]
}

export interface Decision {
  readonly effect: Effect
  /** null when allowed. */
  readonly code: Code | null
  /** The rule that names the message, or the one that opened. */
  readonly rule: string
  /** Empty when allowed. */
  readonly message: string
  readonly reasons: readonly Reason[]
  /** Of a denial only `redact` is left. */
  readonly obligations: readonly Obligation[]
  readonly errors: readonly EvaluationError[]
  readonly revision: string
  /** What it would have been with the shadow rules; null when the same. */
  readonly shadow: ShadowDecision | null
}
