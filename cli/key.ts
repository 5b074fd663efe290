import type { Command } from 'commander'
import { issueKey, revokeKey } from '@/lib/identity/commands'
import { type KeyView, readIdentity } from '@/lib/identity/queries'
import { MOMENT_HELP, readMoment, showMoment } from './moment'
import { type OutputOptions, runWithDatabase, toTable } from './output'

/** `intercept key issue|list|revoke`. */
export function register(program: Command): void {
  const key = program.command('key').description('bearer credentials of identities')
  key
    .command('issue <identity>')
    .description('issue a key and print it; it is shown this once, only its hash is kept')
    .option('--until <time>', `when it ends: ${MOMENT_HELP}`)
    .option('--json', 'print {"key","prefix"}')
    .action((identity: string, options: OutputOptions & { until?: string }) =>
      runWithDatabase(
        options,
        async actor => {
          const expiresAt = options.until === undefined ? null : readMoment(options.until, Date.now())
          return issueKey(actor, { identity, expiresAt })
        },
        // The key alone, so that a script can take it as it is.
        issued => `${issued.key}\n`,
      ),
    )
  key
    .command('list <identity>')
    .description('list the keys of an identity by prefix')
    .option('--json', 'print a list')
    .action((identity: string, options: OutputOptions) =>
      runWithDatabase(options, async actor => (await readIdentity(actor, identity)).keys, printList),
    )
  key
    .command('revoke <key>')
    .description('revoke a key, named by its prefix or in full')
    .option('--json', 'print {"prefix","identity"}')
    .action((text: string, options: OutputOptions) =>
      runWithDatabase(
        options,
        actor => revokeKey(actor, { key: text }),
        ({ prefix, identity }) => `Revoked ${prefix} of ${identity}. Its calls are refused from now on.\n`,
      ),
    )
}

function printList(keys: readonly KeyView[]): string {
  if (keys.length === 0) return 'No key. Issue one: intercept key issue IDENTITY\n'
  return toTable(
    ['PREFIX', 'STATE', 'ISSUED', 'EXPIRES', 'LAST USED'],
    keys.map(key => [
      key.prefix,
      key.state,
      showMoment(key.createdAt, ''),
      showMoment(key.expiresAt, 'never'),
      showMoment(key.lastUsedAt, 'never'),
    ]),
  )
}
