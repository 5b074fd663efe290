import { type Command, Option } from 'commander'
import { runWithDatabase } from './output'

const json = () => new Option('--json', 'print JSON')
const collect = (value: string, earlier: string[] = []) => [...earlier, value]
const pair = (flag: string, what: string) =>
  new Option(`${flag} <name=value>`, `${what}; may be repeated`).argParser(collect)

const longest = 'the longest that a call may last; "default" is an hour'
const silent = 'the longest that a call may stay silent; "default" is ten minutes'
const drift = () => new Option('--drift <what>', 'calls of a tool whose definition changed').choices(['block', 'warn'])
const kept = () =>
  new Option('--arguments <what>', 'what records keep of them').choices(['keep', 'masked', 'keys', 'none'])

/** Adds `server …`: the servers that Intercept stands in front of. Each command loads what it needs only when it is run. */
export function register(program: Command): void {
  const server = program.command('server').description('Add, scan and approve MCP servers')
  server
    .command('add')
    .description('Add a server: --url for one over HTTP, else -- and the command that starts one over stdio')
    .argument('<slug>', 'its name in addresses, grants and policies')
    .argument('[command...]', 'after --: program and arguments, started without a shell')
    .option('--title <title>', 'its name for people')
    .option('--registry-name <name>', 'its name in the MCP registry')
    .option('--steward <email>', 'the member who answers for it')
    .option('--url <url>', 'its Streamable HTTP address')
    .option('--allow-private', 'the address may be private or on this machine')
    .option('--sse', 'the address speaks HTTP with SSE, as servers did before Streamable HTTP')
    .option('--shared', 'one child serves all sessions, so that identities share what it keeps; else each has its own')
    .addOption(pair('--env', 'a variable for the child, sealed at once'))
    .addOption(pair('--header', 'a header for the upstream, sealed at once'))
    .addOption(drift())
    .addOption(kept())
    .option('--deadline <seconds>', longest)
    .option('--idle-deadline <seconds>', silent)
    .addOption(json())
    .action(async (slug, command, options) => {
      const { addFromWords, sayAdded } = await import('./server/add')
      await runWithDatabase(options, actor => addFromWords(actor, slug, command, options), sayAdded)
    })
  server
    .command('update')
    .description('Change a server; what is not named stays')
    .argument('<slug>')
    .argument('[command...]', 'after --: another command that starts it')
    .option('--title <title>', 'its name for people')
    .option('--registry-name <name>', 'its name in the MCP registry; "none" removes it')
    .option('--steward <email>', 'the member who answers for it')
    .option('--url <url>', 'its Streamable HTTP address')
    .addOption(pair('--env', 'a variable for the child, sealed at once'))
    .addOption(new Option('--unset-env <name>', 'a variable to remove; may be repeated').argParser(collect))
    .addOption(pair('--header', 'a header for the upstream, sealed at once'))
    .addOption(new Option('--unset-header <name>', 'a header to remove; may be repeated').argParser(collect))
    .addOption(new Option('--allow-private <whether>', 'the address may be private').choices(['yes', 'no']))
    .addOption(drift())
    .addOption(kept())
    .option('--deadline <seconds>', longest)
    .option('--idle-deadline <seconds>', silent)
    .addOption(new Option('--sse <whether>', 'the address speaks HTTP with SSE').choices(['yes', 'no']))
    .addOption(new Option('--shared <whether>', 'one child serves all sessions').choices(['yes', 'no']))
    .addOption(json())
    .action(async (slug, command, options) => {
      const { updateFromWords, sayUpdated } = await import('./server/update')
      await runWithDatabase(options, actor => updateFromWords(actor, slug, command, options), sayUpdated)
    })
  server
    .command('show')
    .description('Show one server with its settings and tools; of variables and headers the names only')
    .argument('<slug>')
    .addOption(json())
    .action(async (slug, options) => {
      const { show, sayShown } = await import('./server/show')
      await runWithDatabase(options, actor => show(actor, slug), sayShown)
    })
  server
    .command('list')
    .description('List servers with their tools by risk and what waits for approval')
    .addOption(json())
    .action(async options => {
      const { readServers } = await import('@/lib/catalogue/queries')
      const { sayServers } = await import('./server/list')
      await runWithDatabase(options, readServers, sayServers)
    })
  server
    .command('scan')
    .description('Start the server, show the definitions of its tools, and pin what is shown')
    .argument('<slug>')
    .option('--no-approve', 'show only: new and changed tools stay refused')
    .addOption(json())
    .action(async (slug, options) => {
      const { scan, sayScan } = await import('./server/scan')
      await runWithDatabase(options, actor => scan(actor, slug, options.approve), sayScan)
    })
  server
    .command('approve')
    .description('Pin the definitions last seen, by a scan or by a proxy')
    .argument('<slug>')
    .argument('[tools...]', 'names of tools')
    .option('--all', 'every tool of the newest list')
    .addOption(json())
    .action(async (slug, tools, options) => {
      const { approve, sayApproved } = await import('./server/scan')
      await runWithDatabase(options, actor => approve(actor, slug, options.all ? 'all' : tools), sayApproved)
    })
  server
    .command('remove')
    .description('Remove a server with its tools, credentials and grants; its records and revisions stay')
    .argument('<slug>')
    .addOption(json())
    .action(async (slug, options) => {
      const { removeServer } = await import('@/lib/catalogue/commands')
      await runWithDatabase(
        options,
        actor => removeServer(actor, { slug }),
        ({ grants }) => `Removed server ${slug} and ${grants} of its grants.\n`,
      )
    })
}
