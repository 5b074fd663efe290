import type { Diagnostic } from '../diagnostic'
import type { Document } from '../document'
import type { JsonValue } from '../json/value'
import { type CheckContext, checkDefinitions } from './check'
import { language, type WrittenPolicy } from './language'
import { normalize } from './normalize'
import { readYaml } from './read-yaml'
import { withoutMisshapen, withoutUnknownKeys } from './repair'
import { Report } from './report'
import { reportShapeIssues } from './shape-issues'
import type { Path } from './source'

export interface ParseOutcome {
  /** null when a diagnostic is an error. */
  readonly document: Document | null
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads a policy (YAML or JSON, at most 1 MB). Collects every diagnostic, in the order of the text; with the server's
 * definitions, also what `check` finds, at its exact place. Never throws.
 */
export function parse(text: string, context: CheckContext = {}): ParseOutcome {
  try {
    return parsePolicy(text, context)
  } catch (error) {
    const start = { line: 1, column: 1, offset: 0 }
    const message = `The text could not be read: ${error instanceof Error ? error.message : String(error)}`
    return {
      document: null,
      diagnostics: [{ severity: 'error', code: 'unreadable', message, range: { start, end: start } }],
    }
  }
}

function parsePolicy(text: string, context: CheckContext): ParseOutcome {
  const { root, index, diagnostics } = readYaml(text)
  if (!root) return { document: null, diagnostics }
  const report = new Report(index, root)
  const shape = readShape(root.value, report)
  const document = shape ? normalize(shape, report) : null
  if (document) checkDefinitions(document, context, report)
  const found = [...diagnostics, ...report.diagnostics].toSorted(byPlace)
  return { document: report.hasErrors || diagnostics.length > 0 ? null : document, diagnostics: found }
}

/** What misses the shape is reported and then left out, so that what else is wrong is found in the same reading. */
function readShape(value: JsonValue, report: Report): WrittenPolicy | null {
  const shape = language.safeParse(value)
  if (shape.success) return shape.data
  reportShapeIssues(shape.error.issues, report)
  report.muteAround(shape.error.issues.map(issue => issue.path as Path))
  const known = withoutUnknownKeys(value, shape.error.issues)
  const again = language.safeParse(known)
  if (again.success) return again.data
  const paths = again.error.issues.map(issue => issue.path as Path)
  const repaired = language.safeParse(withoutMisshapen(known, paths, report))
  return repaired.success ? repaired.data : null
}

function byPlace(one: Diagnostic, other: Diagnostic): number {
  return one.range.start.offset - other.range.start.offset
}
