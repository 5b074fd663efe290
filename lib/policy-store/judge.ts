import { Refusal } from '@/lib/auth/refusal'
import { type Diagnostic, type Document, hasErrors, parse, type ToolDefinition, testDocument } from '@/lib/policy'

export interface Judgement {
  /** null when a diagnostic is an error. */
  readonly document: Document | null
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Everything that is to be said of a text before it is published: the kernel's diagnostics, those beside the server's
 * definitions, and one error for each of the document's own tests that fails.
 */
export function judge(text: string, definitions: readonly ToolDefinition[]): Judgement {
  const parsed = parse(text, { definitions })
  if (!parsed.document) return parsed
  const diagnostics = [...parsed.diagnostics, ...failedTests(parsed.document, definitions)]
  return { document: hasErrors(diagnostics) ? null : parsed.document, diagnostics }
}

function failedTests(document: Document, definitions: readonly ToolDefinition[]): Diagnostic[] {
  return testDocument(document, definitions)
    .filter(outcome => !outcome.passed)
    .map(({ test, failure, decision }) => ({
      severity: 'error',
      code: 'test_failed',
      message: `Test "${test.name}" fails: ${failure ?? `the decision is ${decision.effect}`}`,
      range: test.range,
      pointer: test.pointer,
    }))
}

/** @throws Refusal `invalid` with one issue for each error, beside the field `text` */
export function refuseErrors({ document, diagnostics }: Judgement): Document {
  if (document) return document
  const issues = diagnostics
    .filter(diagnostic => diagnostic.severity === 'error')
    .map(({ range, message }) => ({
      path: 'text',
      message: `Line ${range.start.line}, column ${range.start.column}: ${message}`,
    }))
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  throw new Refusal('invalid', `Not published. ${issues[0]?.message ?? 'The document has errors.'}${more}`, issues)
}
