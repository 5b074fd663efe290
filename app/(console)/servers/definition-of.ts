import type { ToolView } from '@/lib/catalogue/queries'
import type { ToolDefinition } from '@/lib/policy'

/** A tool as policies judge it: by its approved definition, else the one last seen, with our category and risk. */
export function definitionOf({ name, category, risk, pinned, definition }: ToolView): ToolDefinition {
  return { inputSchema: {}, ...(pinned ?? definition), name, category, risk }
}
