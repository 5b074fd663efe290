import type { Command } from 'commander'
import type { Actor } from '@/lib/auth/model'
import { refuseField } from '@/lib/auth/refusal'
import { addIdentity, disableIdentity, enableIdentity } from '@/lib/identity/commands'
import type { IdentityKind } from '@/lib/identity/model'
import { type IdentityRow, readIdentities } from '@/lib/identity/queries'
import { showMoment } from './moment'
import { type OutputOptions, runWithDatabase, toTable } from './output'

/** Pages that `identity list` reads at most, of 100 each. */
const PAGES_MAX = 100

interface AddOptions extends OutputOptions {
  kind?: IdentityKind
  label?: string[]
  steward?: string
}

/** `intercept identity add|list|disable|enable`. */
export function register(program: Command): void {
  const identity = program.command('identity').description('agents, services and people that call tools')
  identity
    .command('add <name>')
    .description('add an identity; it may call nothing until it has a key and a grant')
    .option('--kind <kind>', 'agent, service or person', 'agent')
    .option('--label <name=value...>', 'labels that policies may ask for')
    .option('--steward <email>', 'the member who answers for it')
    .option('--json', 'print {"id","name"}')
    .action((name: string, options: AddOptions) =>
      runWithDatabase(
        options,
        actor => add(actor, name, options),
        added => `Added identity ${added.name}.\n`,
      ),
    )
  identity
    .command('list')
    .description('list identities with their live keys and grants')
    .option('--search <text>', 'only names that hold this')
    .option('--json', 'print a list')
    .action((options: OutputOptions & { search?: string }) =>
      runWithDatabase(options, actor => readAll(actor, options.search ?? ''), printList),
    )
  for (const [verb, run, done] of [
    ['disable', disableIdentity, 'Its calls are refused from now on'],
    ['enable', enableIdentity, 'Its live keys and grants count again'],
  ] as const)
    identity
      .command(`${verb} <name>`)
      .description(`${verb} an identity; its keys and grants stay`)
      .option('--json', 'print {"id"}')
      .action((name: string, options: OutputOptions) =>
        runWithDatabase(
          options,
          actor => run(actor, { identity: name }),
          () => `${name}: ${verb}d. ${done}.\n`,
        ),
      )
}

function add(actor: Actor, name: string, { kind, label = [], steward }: AddOptions) {
  return addIdentity(actor, {
    name,
    ...(kind ? { kind } : {}),
    ...(steward ? { steward } : {}),
    labels: readLabels(label),
  })
}

function readLabels(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw refuseField('labels', `Write labels as NAME=VALUE, not ${JSON.stringify(pair)}.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

async function readAll(actor: Actor, search: string): Promise<IdentityRow[]> {
  const rows: IdentityRow[] = []
  let after: string | null = ''
  for (let page = 0; page < PAGES_MAX && after !== null; page++) {
    const { identities, next }: Awaited<ReturnType<typeof readIdentities>> = await readIdentities(actor, {
      search,
      after,
    })
    rows.push(...identities)
    after = next
  }
  return rows
}

function printList(rows: readonly IdentityRow[]): string {
  if (rows.length === 0) return 'No identity. Add one: intercept identity add NAME\n'
  return toTable(
    ['NAME', 'KIND', 'STATE', 'KEYS', 'GRANTS', 'LAST USED'],
    rows.map(row => [
      row.name,
      row.kind,
      row.disabledAt ? 'disabled' : 'enabled',
      String(row.liveKeys),
      String(row.liveGrants),
      showMoment(row.lastUsedAt, 'never'),
    ]),
  )
}
