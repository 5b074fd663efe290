import type { Command } from 'commander'
import { addMember, disableMember, enableMember, resetMember } from '@/lib/auth/commands'
import type { Role } from '@/lib/auth/model'
import { type MemberView, readMembers } from '@/lib/auth/queries'
import { showMoment } from './moment'
import { type OutputOptions, runWithDatabase, toTable } from './output'

/** `intercept user add|list|reset|disable|enable`: the members who sign in to the console. */
export function register(program: Command): void {
  const user = program.command('user').description('people who sign in to the console')
  user
    .command('add <email>')
    .description('add a member and print the one-time link, valid for one hour, with which they choose a password')
    .requiredOption('--name <name>', 'their name, as change records show it')
    .requiredOption('--role <role...>', 'viewer, editor, approver, auditor, admin or owner')
    .option('--json', 'print {"id","link"}')
    .action((email: string, options: OutputOptions & { name: string; role: Role[] }) =>
      runWithDatabase(
        options,
        actor => addMember(actor, { email, name: options.name, roles: options.role }),
        ({ link }) => `${link}\n`,
      ),
    )
  user
    .command('list')
    .description('list the members with their roles')
    .option('--json', 'print a list')
    .action((options: OutputOptions) => runWithDatabase(options, readMembers, printList))
  user
    .command('reset <email>')
    .description('print a one-time link, valid for one hour, with which a member chooses a new password')
    .option('--json', 'print {"link"}')
    .action((email: string, options: OutputOptions) =>
      runWithDatabase(
        options,
        actor => resetMember(actor, { email }),
        ({ link }) => `${link}\n`,
      ),
    )
  for (const [verb, run, done] of [
    ['disable', disableMember, 'Their sessions ended'],
    ['enable', enableMember, 'They may sign in again'],
  ] as const)
    user
      .command(`${verb} <email>`)
      .description(`${verb} a member`)
      .option('--json', 'print {"id"}')
      .action((email: string, options: OutputOptions) =>
        runWithDatabase(
          options,
          actor => run(actor, { email }),
          () => `${email}: ${verb}d. ${done}.\n`,
        ),
      )
}

function printList(members: readonly MemberView[]): string {
  if (members.length === 0) return 'No member. The link that `npm start` prints creates the first owner.\n'
  return toTable(
    ['E-MAIL', 'NAME', 'ROLES', 'STATE', 'LAST SEEN'],
    members.map(member => [
      member.email,
      member.name,
      member.roles.join(' '),
      member.disabledAt ? 'disabled' : 'enabled',
      showMoment(member.lastSeenAt, 'never'),
    ]),
  )
}
