import type { Diagnostic } from './diagnostic'
import type { Document } from './document'

export interface ParseOutcome {
  /** null when a diagnostic is an error. */
  readonly document: Document | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads a policy (YAML or JSON, at most 1 MB). Collects every diagnostic; never throws. */
export function parse(_text: string): ParseOutcome {
  throw new Error('In the making')
}
