import type { Command } from 'commander'
import { addGrant, revokeGrant } from '@/lib/identity/commands'
import { type GrantView, readGrants } from '@/lib/identity/queries'
import { MOMENT_HELP, readMoment, showMoment } from './moment'
import { type OutputOptions, runWithDatabase, toTable } from './output'

interface AddOptions extends OutputOptions {
  server: string
  tools: string[]
  until?: string
  reason?: string
}

interface ListOptions extends OutputOptions {
  identity?: string
  server?: string
  ended?: boolean
}

/** `intercept grant add|revoke|list`. */
export function register(program: Command): void {
  const grant = program.command('grant').description('permissions of identities on the tools of a server')
  grant
    .command('add <identity>')
    .description('grant tools of a server')
    .requiredOption('--server <slug>', 'the server')
    .requiredOption('--tools <glob...>', 'tool names or globs; * is every tool. Quote globs from the shell')
    .option('--until <time>', `when it ends: ${MOMENT_HELP}`)
    .option('--reason <text>', 'why, for whoever reviews it')
    .option('--json', 'print {"id"}')
    .action((identity: string, options: AddOptions) =>
      runWithDatabase(
        options,
        async actor => {
          const { server, tools, reason = '' } = options
          const until = options.until === undefined ? null : readMoment(options.until, Date.now())
          return addGrant(actor, { identity, server, tools, until, reason })
        },
        ({ id }) => `Granted ${options.tools.join(', ')} of ${options.server} to ${identity}: grant ${id}.\n`,
      ),
    )
  grant
    .command('revoke <id>')
    .description('end a grant at once')
    .option('--json', 'print {"identity","server"}')
    .action((id: string, options: OutputOptions) =>
      runWithDatabase(
        options,
        actor => revokeGrant(actor, { id }),
        ({ identity, server }) => `Revoked a grant of ${identity} on ${server}.\n`,
      ),
    )
  grant
    .command('list')
    .description('list live grants')
    .option('--identity <name>', 'only of this identity')
    .option('--server <slug>', 'only on this server')
    .option('--ended', 'expired and revoked ones too')
    .option('--json', 'print a list')
    .action((options: ListOptions) =>
      runWithDatabase(
        options,
        async actor => {
          const { identity, server, ended } = options
          const of = { ...(identity ? { identity } : {}), ...(server ? { server } : {}) }
          return (await readGrants(actor, of)).filter(each => ended || each.state === 'live')
        },
        printList,
      ),
    )
}

function printList(grants: readonly GrantView[]): string {
  if (grants.length === 0) return 'No grant. Add one: intercept grant add IDENTITY --server S --tools GLOB\n'
  return toTable(
    ['ID', 'IDENTITY', 'SERVER', 'TOOLS', 'STATE', 'UNTIL'],
    grants.map(grant => [
      grant.id,
      grant.identity,
      grant.server,
      grant.tools.join(' '),
      grant.state,
      showMoment(grant.until, 'until revoked'),
    ]),
  )
}
