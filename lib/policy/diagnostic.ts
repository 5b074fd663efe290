/** A place in the text. Lines and columns count from 1, the offset from 0, all in UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

export interface Range {
  readonly start: Position
  readonly end: Position
}

export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

export interface Fix {
  readonly title: string
  readonly edits: readonly TextEdit[]
}

export type Severity = 'error' | 'warning' | 'info'

export interface Diagnostic {
  readonly severity: Severity
  /** Stable, snake_case; what editors and tests key on. */
  readonly code: string
  readonly message: string
  readonly range: Range
  /** RFC 6901 pointer to the value the diagnostic speaks of. */
  readonly pointer?: string
  readonly fix?: Fix
}

/** Whether a document with these diagnostics must be refused. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(diagnostic => diagnostic.severity === 'error')
}
