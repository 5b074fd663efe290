import { parsePath } from '../paths'
import type { Report } from './report'
import type { Path } from './source'

/** Paths of arguments that a record never holds; `args` alone is all of them. */
export function readRedactions(written: readonly string[], path: Path, report: Report): readonly string[] {
  for (const [index, redacted] of written.entries()) {
    if (redacted === 'args') continue
    const parsed = parsePath(redacted)
    if ('fault' in parsed || parsed.root !== 'args') {
      const message = `"${redacted}" is no argument: write args.<name>, or args for all of them.`
      report.error({ code: 'bad_redaction', message, path: [...path, index] })
    }
  }
  return written
}
