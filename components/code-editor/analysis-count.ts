import { hasErrors } from '@/lib/policy/diagnostic'
import type { Analysis, TestLine } from './analysis'

// Apart from the analysis, so that a page that only counts does not load the kernel a second time beside its worker.

export interface AnalysisCount {
  readonly errors: number
  readonly warnings: number
  readonly failing: readonly TestLine[]
  /** Whether publishing would be refused. */
  readonly isRefused: boolean
}

/** What the publish bar counts. */
export function countOf({ diagnostics, tests }: Analysis): AnalysisCount {
  const failing = tests.filter(test => !test.hasPassed)
  return {
    errors: diagnostics.filter(d => d.severity === 'error').length,
    warnings: diagnostics.filter(d => d.severity === 'warning').length,
    failing,
    isRefused: hasErrors(diagnostics) || failing.length > 0,
  }
}
