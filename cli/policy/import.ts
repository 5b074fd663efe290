import { DIALECTS, hasErrors, importPolicy } from '@/lib/policy'
import { BadInput } from './bad-input'
import { readInput } from './read-input'
import { sayDiagnostic } from './read-policy'

export interface ImportOptions {
  readonly from?: string
  readonly json?: boolean
}

/** Prints the translation on standard output and what changed on standard error: 1 when something is refused. */
export async function importFile(file: string, { from, json = false }: ImportOptions): Promise<number> {
  const dialect = DIALECTS.find(candidate => candidate === from?.toUpperCase())
  if (from !== undefined && !dialect) throw new BadInput(`There is no dialect "${from}": write ${DIALECTS.join(', ')}.`)
  const imported = importPolicy(await readInput(file, 4_000_000), dialect)
  const { text, diagnostics } = imported
  if (json) process.stdout.write(`${JSON.stringify(imported, null, 2)}\n`)
  else {
    process.stderr.write(`${file}: dialect ${imported.dialect ?? 'unknown'}\n`)
    for (const diagnostic of diagnostics) process.stderr.write(`${sayDiagnostic(file, diagnostic)}\n`)
    if (text !== null) process.stdout.write(text)
  }
  if (imported.dialect === null) return 2
  return text === null || hasErrors(diagnostics) ? 1 : 0
}
