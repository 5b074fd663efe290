import { hasErrors } from '@/lib/policy'
import { type PolicyFile, readPolicy, sayDiagnostic } from './read-policy'
import { readTools } from './read-tools'

export interface ValidateOptions {
  readonly tools?: string
  readonly json?: boolean
  readonly strict?: boolean
}

/** Says what is wrong with each file: 1 when one has an error (or, with --strict, a warning). */
export async function validateFiles(
  files: readonly string[],
  { tools, json = false, strict = false }: ValidateOptions,
): Promise<number> {
  const definitions = await readTools(tools)
  const policies: PolicyFile[] = []
  for (const file of files) policies.push(await readPolicy(file, definitions))
  if (json) {
    const report = policies.map(({ file, diagnostics }) => ({ file, ok: !hasErrors(diagnostics), diagnostics }))
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  } else for (const policy of policies) sayPolicy(policy)
  const isFinding = ({ diagnostics }: PolicyFile) =>
    hasErrors(diagnostics) || (strict && diagnostics.some(({ severity }) => severity === 'warning'))
  return policies.some(isFinding) ? 1 : 0
}

function sayPolicy({ file, diagnostics }: PolicyFile): void {
  for (const diagnostic of diagnostics) process.stdout.write(`${sayDiagnostic(file, diagnostic)}\n`)
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length
  const finding = errors > 0 ? 'refused' : 'fit to publish'
  process.stdout.write(`${file}: ${finding}, ${errors} errors, ${warnings} warnings\n`)
}
