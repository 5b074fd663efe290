import { type Circumstances, type NamedDocument, type Treatment, treatmentOf } from '@/components/policy/treatment'
import type { ToolDefinition } from '@/lib/policy'

/** What grants and approvals say of a tool. */
export interface Reach {
  /** Ids of the live grants that cover it. */
  readonly grants: readonly string[]
  readonly approved: boolean
  readonly missingSince: Date | null
}

/** What becomes of an identity's calls to a tool: grant, definition and policies together, as a proxy takes them in turn. */
export function effectiveTreatment(
  tool: Reach,
  definition: ToolDefinition,
  documents: readonly NamedDocument[],
  circumstances: Circumstances,
): Treatment {
  if (tool.grants.length === 0) return notVisible('no grant, not listed')
  if (!tool.approved) return notVisible('its definition was never approved')
  if (tool.missingSince) return notVisible('the server lists it no more')
  const treatment = treatmentOf(documents, definition, circumstances)
  // A tool that no entry names is left out of the list, since it can never be called.
  const isUnnamed = treatment.kind === 'deny' && treatment.rules.every(rule => rule.rule === '(default deny)')
  return isUnnamed ? { ...treatment, kind: 'hidden' } : treatment
}

function notVisible(why: string): Treatment {
  return { kind: 'hidden', rules: [], words: [why] }
}
