import { hostname, userInfo } from 'node:os'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'

/** Exit codes of every command: done, a finding or refusal, input that cannot be used. */
export const exitCodes = { done: 0, refused: 1, badInput: 2 } as const

/** Options that every command has. */
export interface OutputOptions {
  readonly json?: boolean
}

/** Whoever runs this command on this host. */
export async function thisActor(): Promise<Actor> {
  const { commandLineActor } = await import('@/lib/auth/model')
  return commandLineActor(userInfo().username, hostname())
}

/** JSON for programs: numbers of the database that exceed a double's integers become text, two spaces, one line break. */
export function toJson(value: unknown): string {
  const replace = (_: string, each: unknown) => (typeof each === 'bigint' ? String(each) : each)
  return `${JSON.stringify(value, replace, 2)}\n`
}

/** Columns for people: padded to their widest cell, two spaces apart. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(...[head, ...rows].map(row => (row[column] ?? name).length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[head, ...rows].map(line).join('\n')}\n`
}

/**
 * The path of every command that needs the database: runs it as this OS user, prints its result for people or, with
 * `--json`, for programs, and ends the connections so that the process can end.
 */
export async function runWithDatabase<Result>(
  options: OutputOptions,
  run: (actor: Actor) => Promise<Result>,
  print: (result: Result) => string,
): Promise<void> {
  const { closeDatabase } = await import('@/lib/db/current')
  try {
    const result = await run(await thisActor())
    process.stdout.write(options.json ? toJson(result) : print(result))
  } finally {
    await closeDatabase()
  }
}

const unreachable =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|P1001|P1002|DatabaseNotReachable|connection timeout|timeout expired/
const notLetIn = /28P01|28000|3D000|P1000|P1003|P1010/

/** What to say on standard error and which code to end with; null for a fault of ours, which shows its stack. */
export function explain(error: unknown): { message: string; exitCode: number } | null {
  if (error instanceof Refusal) {
    const issues = error.issues.filter(issue => issue.message !== error.message)
    const lines = [
      error.message,
      ...issues.map(({ path, message }) => (path ? `  ${path}: ${message}` : `  ${message}`)),
    ]
    return { message: lines.join('\n'), exitCode: error.kind === 'invalid' ? exitCodes.badInput : exitCodes.refused }
  }
  if (!(error instanceof Error)) return null
  const cause = error.cause instanceof Error ? error.cause.message : JSON.stringify(error.cause ?? '')
  const telling = `${error.message} ${'code' in error ? error.code : ''} ${cause}`
  if (notLetIn.test(telling))
    return {
      message: `The database does not let this command in: ${error.message}. Run \`npm start\` once, or correct CONSOLE_DATABASE_URL.`,
      exitCode: exitCodes.refused,
    }
  if (unreachable.test(telling))
    return {
      message: 'The database does not answer. Start Intercept with `npm start`, or set CONSOLE_DATABASE_URL.',
      exitCode: exitCodes.refused,
    }
  // lib/env.ts speaks in sentences that name what to run or to set.
  if (/Run `npm start`|See \.env\.example/.test(error.message))
    return { message: error.message, exitCode: exitCodes.badInput }
  return null
}
