import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import type { ToolDefinition } from '@/lib/policy'
import { placeOf } from './document-path'
import { suggestionsAt } from './vocabulary'

/** Lines above the cursor that are read to find out where it stands. */
const MOST_LINES = 2_000

/** Offers keys, effects, operators, tool names and argument paths where each of them fits. */
export function policyCompletion(tools: readonly ToolDefinition[]): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const { doc } = context.state
    const line = doc.lineAt(context.pos)
    const first = Math.max(1, line.number - MOST_LINES)
    const above = doc.sliceString(doc.line(first).from, context.pos).split('\n')
    const place = placeOf(above)
    const from = line.from + place.from
    const typed = doc.sliceString(from, context.pos)
    if (/[#\s]/.test(typed) || (typed === '' && !context.explicit)) return null
    const options = suggestionsAt(place, tools).map(
      ({ label, detail, append }): Completion => ({ label, detail, apply: label + append }),
    )
    return options.length > 0 ? { from, options, validFor: /^[\w.*"]*$/ } : null
  }
  return autocompletion({ override: [source], icons: false })
}
