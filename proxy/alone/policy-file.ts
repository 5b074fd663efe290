import { readFileSync } from 'node:fs'
import { type Diagnostic, type Document, hasErrors, parse, type ToolDefinition } from '@/lib/policy'

/** What a policy file holds: a document that may be put in force, or none. Sentences name file, line and column. */
export interface PolicyReading {
  readonly document: Document | null
  readonly problems: readonly string[]
}

/** More than `parse` takes, so that it is `parse` that says so. */
const MAX_BYTES = 4_000_000

/** Reads a policy file. Never throws: a file that cannot be read is a problem like any other. */
export function readPolicyFile(file: string, definitions: readonly ToolDefinition[]): PolicyReading {
  try {
    const bytes = readFileSync(file).subarray(0, MAX_BYTES)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const { document, diagnostics } = parse(text, definitions.length > 0 ? { definitions } : {})
    const problems = diagnostics.map(diagnostic => sentence(file, diagnostic))
    return { document: hasErrors(diagnostics) ? null : document, problems }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT'
        ? 'There is no such file.'
        : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
          ? 'It is not UTF-8 text.'
          : message
    return { document: null, problems: [`${file}: ${why}`] }
  }
}

function sentence(file: string, { range, severity, code, message }: Diagnostic): string {
  return `${file}:${range.start.line}:${range.start.column} ${severity} ${code} ${message}`
}
