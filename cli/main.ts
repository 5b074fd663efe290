import { Command, CommanderError } from 'commander'
import { exitCodes, explain } from './output'

/** A group of commands: the words it answers to, and where it is. Only what was asked for is loaded. */
const areas: { words: readonly string[]; load: () => Promise<{ register(program: Command): void }> }[] = [
  { words: ['eval', 'validate', 'test', 'import', 'fmt', 'schema'], load: () => import('./policy') },
  { words: ['server'], load: () => import('./server') },
  { words: ['policy'], load: () => import('./policy-store') },
  { words: ['identity'], load: () => import('./identity') },
  { words: ['key'], load: () => import('./key') },
  { words: ['grant'], load: () => import('./grant') },
  { words: ['user'], load: () => import('./user') },
  { words: ['audit'], load: () => import('./audit') },
  { words: ['sink'], load: () => import('./sink') },
  { words: ['connect'], load: () => import('./connect') },
  { words: ['run'], load: () => import('./run') },
]

/**
 * Runs `intercept` with the words after it.
 * @returns the exit code: 0 done, 1 a finding or refusal, 2 input that cannot be used
 */
export async function main(words: readonly string[]): Promise<number> {
  const program = new Command('intercept')
    .description('Policies, grants and keys for MCP tool calls, without a browser')
    .showHelpAfterError('Add --help to see what is possible.')
    .exitOverride()
  const asked = areas.filter(area => words[0] !== undefined && area.words.includes(words[0]))
  for (const area of asked.length > 0 ? asked : areas) (await area.load()).register(program)
  try {
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    // Commander has printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput
    const told = explain(error)
    if (told === null) throw error
    process.stderr.write(`${told.message}\n`)
    return told.exitCode
  }
}
