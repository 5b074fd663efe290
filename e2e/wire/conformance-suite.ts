import { fileOf, newerNode, run } from './third-party'

/** One of the protocol's own suites, and what of it is run. */
export interface Suite {
  readonly package: string
  readonly words: readonly string[]
}

/** Passed and failed checks of each scenario, and the total. */
export async function outcomes({ package: name, words }: Suite, url: string): Promise<Record<string, string>> {
  const { output } = await run(newerNode, [fileOf(name, 'dist/index.js'), 'server', '--url', url, ...words], 90_000)
  const lines = [...output.matchAll(/^(?:. )?([A-Za-z0-9-]+): (\d+ passed, \d+ failed)/gm)]
  if (!lines.some(([, scenario]) => scenario === 'Total'))
    throw new Error(`the suite gave no total:\n${output.slice(-2_000)}`)
  return Object.fromEntries(lines.map(([, scenario, counts]) => [scenario, counts]))
}
