import { type Diagnostic, hasErrors, type ParseOutcome, parse, type ToolDefinition } from '@/lib/policy'
import { decodeText, readBytes } from './read-input'

/** More than `parse` takes, so that it is `parse` that says so; what stands behind is not read. */
const MAX_FILE_BYTES = 4_000_000

export interface PolicyFile extends ParseOutcome {
  readonly file: string
  readonly text: string
}

/** Reads and parses a policy file. What is in the file is a diagnostic; a file that is not there is bad input. */
export async function readPolicy(file: string, definitions: readonly ToolDefinition[]): Promise<PolicyFile> {
  const bytes = await readBytes(file, MAX_FILE_BYTES)
  const text = decodeText(bytes.length < MAX_FILE_BYTES ? bytes : Buffer.alloc(MAX_FILE_BYTES, ' '))
  if (text === null) return { file, text: '', document: null, diagnostics: [NOT_TEXT] }
  return { file, text, ...parse(text, definitions.length > 0 ? { definitions } : {}) }
}

const START = { line: 1, column: 1, offset: 0 }
const NOT_TEXT: Diagnostic = {
  severity: 'error',
  code: 'not_utf8',
  message: 'The file is not UTF-8 text. Save it as UTF-8.',
  range: { start: START, end: START },
}

/** `policy.yaml:12:7 error unknown_key Unknown key "acton". Did you mean "action"?` */
export function sayDiagnostic(file: string, { range, severity, code, message }: Diagnostic): string {
  return `${file}:${range.start.line}:${range.start.column} ${severity} ${code} ${message}`
}

/** Whether the file was refused, with its diagnostics printed as JSON on standard output. */
export function wasRefused(policy: PolicyFile): policy is PolicyFile & { document: null } {
  if (policy.document !== null && !hasErrors(policy.diagnostics)) return false
  process.stdout.write(`${JSON.stringify({ file: policy.file, diagnostics: policy.diagnostics })}\n`)
  return true
}
