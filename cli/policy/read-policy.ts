import { type Diagnostic, hasErrors, type ParseOutcome, parse, type ToolDefinition } from '@/lib/policy'
import { readInput } from './read-input'

/** A little over what `parse` takes, so that it is `parse` that says so. */
const MAX_FILE_BYTES = 4_000_000

export interface PolicyFile extends ParseOutcome {
  readonly file: string
  readonly text: string
}

/** Reads and parses a policy file. */
export async function readPolicy(file: string, definitions: readonly ToolDefinition[]): Promise<PolicyFile> {
  const text = await readInput(file, MAX_FILE_BYTES)
  return { file, text, ...parse(text, definitions.length > 0 ? { definitions } : {}) }
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
