import type { CompiledPolicy } from './compiled-policy'
import type { ToolDefinition } from './definition'
import type { Document } from './document'

export interface CompileOptions {
  /** The server's slug, `*` for every server, or a grant's name (unique: counters are named by it). */
  readonly name: string
  /** True for a grant's constraint. */
  readonly isConstraint?: boolean
  /** Pinned definitions by which `validate` is compiled ahead; a call may bring its own. */
  readonly definitions?: readonly ToolDefinition[]
}

/** Makes closures of conditions, RE2 of patterns, validators of schemas. Never throws: what cannot be compiled denies. */
export function compile(_document: Document, _options: CompileOptions): CompiledPolicy {
  throw new Error('In the making')
}
