import { rename, writeFile } from 'node:fs/promises'
import { format } from '@/lib/policy'
import { readPolicy, sayDiagnostic } from './read-policy'

export interface FmtOptions {
  readonly check?: boolean
  readonly write?: boolean
  readonly json?: boolean
}

/** Prints the file in canonical form, comments kept; `--check` only says whether it is (1 when it is not). */
export async function formatFiles(
  files: readonly string[],
  { check = false, write = false, json = false }: FmtOptions,
): Promise<number> {
  const report: object[] = []
  let unformatted = 0
  for (const file of files) {
    const policy = await readPolicy(file, [])
    if (!policy.document) {
      if (json) process.stdout.write(`${JSON.stringify({ file, diagnostics: policy.diagnostics })}\n`)
      else for (const diagnostic of policy.diagnostics) process.stderr.write(`${sayDiagnostic(file, diagnostic)}\n`)
      return 2
    }
    const formatted = format(policy.text)
    const isFormatted = formatted === policy.text
    if (!isFormatted) unformatted++
    report.push({ file, formatted: isFormatted, text: formatted })
    if (write && !isFormatted) await replaceFile(file, formatted)
    if (json) continue
    if (check || write)
      process.stdout.write(
        `${file}: ${isFormatted ? 'in canonical form' : write ? 'written' : 'not in canonical form'}\n`,
      )
    else process.stdout.write(formatted)
  }
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return check && unformatted > 0 ? 1 : 0
}

/** A half-written policy must not stand where one was. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, text)
  await rename(draft, file)
}
