import type { Decision } from './decision'
import type { ToolDefinition } from './definition'
import type { Document, DocumentTest } from './document'

export interface TestOutcome {
  readonly test: DocumentTest
  readonly passed: boolean
  readonly decision: Decision
  /** What differs, in one sentence; null when passed. */
  readonly failure: string | null
}

/** Runs the document's `tests` against it alone, counters included. A failing one blocks publishing. */
export function testDocument(_document: Document, _definitions: readonly ToolDefinition[]): readonly TestOutcome[] {
  throw new Error('In the making')
}
