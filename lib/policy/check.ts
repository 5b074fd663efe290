import type { ToolDefinition } from './definition'
import type { Diagnostic } from './diagnostic'
import type { Document } from './document'

export interface CheckContext {
  /** The server's tools; without them nothing that needs a definition is checked. */
  readonly definitions?: readonly ToolDefinition[]
}

/** What can be said only beside the tools' definitions: names, argument paths and budgets that do not fit them. */
export function check(_document: Document, _context: CheckContext): readonly Diagnostic[] {
  throw new Error('In the making')
}
