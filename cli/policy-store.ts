import { type Command, Option } from 'commander'
import { runWithDatabase } from './output'

const json = () => new Option('--json', 'print JSON')
const server = () => new Option('--server <slug>', 'the server it is for; * or left out: every server').default('*')
/** The shell's word for the every-server document. */
const scopeOf = (slug: string) => (slug === '*' ? null : slug)

/** Adds `policy …`: what is in force, and publishing from files. */
export function register(program: Command): void {
  const policy = program.command('policy').description('Publish policies and show what is in force')
  policy
    .command('publish')
    .description('Publish a file as the next revision; proxies take it within a second')
    .argument('<file>', 'the policy, YAML or JSON; - is standard input')
    .addOption(server())
    .option('--note <text>', 'why, for the list of revisions', '')
    .addOption(json())
    .action(async (file, options) => {
      const { publishFile, sayPublished } = await import('./policy-store/publish')
      await runWithDatabase(
        options,
        actor => publishFile(actor, file, scopeOf(options.server), options.note),
        sayPublished,
      )
    })
  policy
    .command('show')
    .description('Print the text in force')
    .addOption(server())
    .addOption(json())
    .action(async options => {
      const { showPolicy } = await import('./policy-store/show')
      await runWithDatabase(
        options,
        actor => showPolicy(actor, scopeOf(options.server)),
        ({ text }) => text,
      )
    })
  policy
    .command('list')
    .description('List policies with the revision in force')
    .addOption(json())
    .action(async options => {
      const { readPolicies } = await import('@/lib/policy-store/queries')
      const { sayPolicies } = await import('./policy-store/show')
      await runWithDatabase(options, readPolicies, sayPolicies)
    })
}
