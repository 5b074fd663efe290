import { testDocument } from '@/lib/policy'
import { readPolicy, sayDiagnostic } from './read-policy'
import { readTools } from './read-tools'

export interface TestOptions {
  readonly tools?: string
  readonly json?: boolean
}

/** Runs the `tests` of each file: 1 when one fails, 2 when a file is refused. */
export async function testFiles(files: readonly string[], { tools, json = false }: TestOptions): Promise<number> {
  const definitions = await readTools(tools)
  const report: object[] = []
  let failed = 0
  let refused = 0
  for (const file of files) {
    const { document, diagnostics } = await readPolicy(file, definitions)
    if (!document) {
      refused++
      report.push({ file, diagnostics })
      if (!json) for (const diagnostic of diagnostics) process.stdout.write(`${sayDiagnostic(file, diagnostic)}\n`)
      continue
    }
    const outcomes = testDocument(document, definitions)
    failed += outcomes.filter(({ passed }) => !passed).length
    report.push({
      file,
      tests: outcomes.map(({ test, passed, failure, decision }) => ({
        name: test.name,
        line: test.line,
        passed,
        failure,
        effect: decision.effect,
        rule: decision.rule,
        code: decision.code,
      })),
    })
    if (json) continue
    for (const { test, passed, failure } of outcomes) {
      process.stdout.write(
        `${file}:${test.line} ${passed ? 'pass' : 'FAIL'} ${test.name}${failure === null ? '' : `: ${failure}`}\n`,
      )
    }
    process.stdout.write(`${file}: ${outcomes.filter(({ passed }) => passed).length} of ${outcomes.length} pass\n`)
  }
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return refused > 0 ? 2 : failed > 0 ? 1 : 0
}
