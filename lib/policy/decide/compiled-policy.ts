import type { ApproveObligation, LimitObligation, Reason, ValidateObligation } from '../decision'
import type { ToolDefinition } from '../definition'
import type { Document, Entry, Rule } from '../document'
import type { CompiledCondition, Test } from './compile-condition'
import type { MakeObligation } from './compile-limit'

/** A document made ready to decide. Opaque: `evaluate`, `requirements` and `visibility` read it. */
export interface CompiledPolicy {
  /** The server's slug, `*` for every server, or the grant's name; part of every counter's key. */
  readonly name: string
  /** A grant's constraint is judged like a document, and is no policy by itself. */
  readonly isConstraint: boolean
  /** SHA-256 (hex) over the document's canonical content: equal content, equal digest, on every machine. */
  readonly digest: string
  readonly document: Document
  /** Internal to the kernel. */
  readonly internals: PolicyInternals
}

export type RuleReference = Pick<LimitObligation, 'policy' | 'rule' | 'pointer' | 'line'>

/** The reason of a policy that allows, made once: most calls are allowed. */
export function openingOf({ policy, rule, pointer, line }: RuleReference): Reason {
  return Object.freeze({ policy, rule, pointer, line, effect: 'allow', code: null, message: '' })
}

export interface CompiledRule {
  readonly rule: Rule
  readonly entry: Entry
  readonly reference: RuleReference
  readonly when: Test | null
  readonly conditions: Test | null
  readonly parts: readonly CompiledCondition[]
  readonly limits: readonly MakeObligation[]
  readonly approve: ApproveObligation | null
  readonly validate: ValidateObligation | null
  readonly isShadow: boolean
  /** Of a written allow under an entry that can open (not `*`); else null. */
  readonly opening: Reason | null
}

/** What a policy says of one name: worked out once, since it depends on nothing else. */
export interface Plan {
  readonly hiddenBy: RuleReference | null
  readonly rules: readonly CompiledRule[]
  readonly hasShadow: boolean
  readonly enforced: Standing
  readonly withShadow: Standing
  /** Paths of `redact` that hold for every call of this name. */
  readonly redact: readonly string[]
  readonly counters: readonly { readonly key: string; readonly windowSeconds: number }[]
  readonly needsDefinition: boolean
}

export interface Standing {
  /** An entry other than `*` names it. */
  readonly isNamed: boolean
  /** Some entry writes `action: allow`: then one of those must speak, or the default decides. */
  readonly writesAllow: boolean
  readonly opening: Reason | null
}

export interface PolicyInternals {
  readonly plans: Map<string, Plan>
  readonly entries: readonly { readonly entry: Entry; readonly rules: readonly CompiledRule[] }[]
  readonly definitions: ReadonlyMap<string, ToolDefinition>
  readonly default: RuleReference
  /** Where the default allows. */
  readonly opening: Reason
  /** Why nothing can be decided by this document; each call is then refused. */
  readonly fault: string | null
}
