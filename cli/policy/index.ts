import type { Command } from 'commander'
import { runAction } from './bad-input'

/** Adds the commands of the policy language. Each loads what it needs only when it is run. */
export function register(program: Command): void {
  program
    .command('eval')
    .description('Decide calls by a policy: one JSON decision for each line of calls')
    .requiredOption('--policy <file>', 'the policy, YAML or JSON')
    .requiredOption(
      '--calls <file>',
      'JSON lines of {"at","tool","args","identity"?,"session"?,"upstream"?}; - is standard input',
    )
    .option('--tools <file>', 'the tools/list answer to validate against')
    .option('--every-server <file>', 'the policy for every server, judged beside the first')
    .option('--server <slug>', 'the server.name that conditions see', 'server')
    .option('--json', 'the output is JSON lines in any case')
    .action(options => runAction(async () => (await import('./eval')).evalCalls(options)))
  program
    .command('validate')
    .description('Say what is wrong with policies: 1 when one has an error')
    .argument('<files...>', 'policies, YAML or JSON')
    .option('--tools <file>', 'the tools/list answer to check names and arguments against')
    .option('--strict', 'warnings are findings too')
    .option('--json', 'print diagnostics as JSON')
    .action((files, options) => runAction(async () => (await import('./validate')).validateFiles(files, options)))
  program
    .command('test')
    .description('Run the tests written in policies: 1 when one fails')
    .argument('<files...>', 'policies, YAML or JSON')
    .option('--tools <file>', 'the tools/list answer to validate against')
    .option('--json', 'print the outcomes as JSON')
    .action((files, options) => runAction(async () => (await import('./test')).testFiles(files, options)))
  program
    .command('import')
    .description(
      'Translate a policy in another dialect to version 1, and say what changed: 1 when something is refused',
    )
    .argument('<file>', 'the policy to translate; - is standard input')
    .option('--from <dialect>', 'A, B, C, C2 or D; recognised by structure when left out')
    .option('--json', 'print the translation and its report as JSON')
    .action((file, options) => runAction(async () => (await import('./import')).importFile(file, options)))
  program
    .command('fmt')
    .description('Print policies in canonical form, comments kept')
    .argument('<files...>', 'policies, YAML or JSON')
    .option('--check', 'only say whether they are: 1 when one is not')
    .option('--write', 'write the files')
    .option('--json', 'print the outcome as JSON')
    .action((files, options) => runAction(async () => (await import('./fmt')).formatFiles(files, options)))
  program
    .command('schema')
    .description('Print the JSON Schema of the policy language, for editors')
    .option('--json', 'the output is JSON in any case')
    .action(() => runAction(async () => (await import('./schema')).printSchema()))
}
