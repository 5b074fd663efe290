import type { Range } from './diagnostic'
import type { JsonObject, JsonValue } from './json/value'

export type Effect = 'allow' | 'deny' | 'require_approval'
export type Per = 'session' | 'identity' | 'tool' | 'server'
export type Mode = 'enforce' | 'shadow'
export type Operator =
  | 'eq'
  | 'neq'
  | 'in'
  | 'not_in'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'regex'
  | 'contains'
  | 'exists'
  | 'glob'
  | 'starts_with'
  | 'ends_with'

/** Where something stands in the text: RFC 6901 pointer, line (from 1) and range. */
export interface Located {
  readonly pointer: string
  readonly line: number
  readonly range: Range
}

export interface Condition {
  readonly path: string
  readonly op: Operator
  readonly value: JsonValue
}

export interface Validation {
  readonly requiredArgs: boolean
  readonly schema: boolean
  readonly unknownArgs: boolean
  /** Largest size of the arguments as JSON, in bytes of UTF-8; null is no bound. */
  readonly maxBytes: number | null
}

/** What one call costs: a fixed number, or the number found at an `args.` path. */
export type Cost = { readonly amount: number } | { readonly path: string }

export interface Limit {
  /** `string` is `10/hour`, `object` is `{max, window}`, `state` is a counter with its bounding condition. */
  readonly form: 'string' | 'object' | 'state'
  /** The name `state.<entry>.<counter>` reads it by; null for the object form. */
  readonly counter: string | null
  readonly max: number
  readonly windowSeconds: number
  /** The window as it was written: `minute`, `60`, `15m`. */
  readonly window: string
  readonly per: Per
  readonly cost: Cost
}

export interface Approval {
  readonly timeoutSeconds: number
  readonly validForSeconds: number
  readonly holdSeconds: number
}

export interface Rule extends Located {
  readonly name: string
  /** False when the name is the default `<entry>#<n>`. */
  readonly isNamed: boolean
  readonly action: Effect | null
  /** null is absent: the rule always speaks. */
  readonly when: readonly Condition[] | null
  readonly conditions: readonly Condition[]
  readonly validate: Validation | null
  /** Taken together or not at all. */
  readonly limits: readonly Limit[]
  readonly approval: Approval | null
  readonly reason: string | null
  readonly redact: readonly string[]
  readonly mode: Mode
}

/** What the document says of one name, one glob, or every tool (`*`). */
export interface Entry extends Located {
  readonly name: string
  readonly hide: boolean
  readonly rules: readonly Rule[]
}

export interface HiddenName extends Located {
  readonly name: string
}

export interface TestIdentity {
  readonly id?: string
  readonly name?: string
  readonly kind?: string
  readonly groups?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}

export interface DocumentTest extends Located {
  readonly name: string
  readonly call: string
  readonly args: JsonObject
  readonly identity: TestIdentity | null
  readonly session: string | null
  /** Epoch milliseconds. */
  readonly at: number
  readonly callsBefore: number
  readonly expect: { readonly effect: Effect; readonly rule: string | null; readonly code: string | null }
}

/** A policy in its normal form: plain JSON, so that it is stored as jsonb and loaded without reading YAML. */
export interface Document {
  readonly language: 1
  /** Whether `version` was written: it decides what an omitted default means. */
  readonly isVersioned: boolean
  readonly description: string | null
  readonly timezone: string | null
  readonly default: { readonly effect: 'allow' | 'deny'; readonly isWritten: boolean } & Located
  readonly hide: readonly HiddenName[]
  readonly redact: readonly string[]
  readonly entries: readonly Entry[]
  readonly tests: readonly DocumentTest[]
}
