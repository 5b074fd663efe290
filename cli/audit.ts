import { type Command, Option } from 'commander'
import { PAST_HELP } from './audit/past'

const collect = (value: string, earlier: string[] = []) => [...earlier, value]
const many = (flags: string, what: string) => new Option(flags, `${what}; may be repeated`).argParser(collect)

/** Records that a command is narrowed to. */
function narrowed(command: Command): Command {
  return command
    .addOption(many('--server <slug>', 'only of this server'))
    .addOption(many('--identity <name>', 'only of this identity'))
    .addOption(many('--tool <name>', 'only of this tool'))
    .addOption(many('--effect <effect>', 'only with this effect: allow, deny, limited, require_approval'))
}

/** Adds `audit …`: the record itself. */
export function register(program: Command): void {
  const audit = program.command('audit').description('Verify, export and follow the record')
  audit
    .command('verify')
    .description('Say whether the record was tampered with, and where: in the database, or offline in an export')
    .option('--file <path>', 'an export in NDJSON, or the record of `intercept run`; no database is needed')
    .addOption(
      many(
        '--checkpoints <path>',
        'what was kept outside: AUDIT_CHECKPOINT_FILE, or a folder with the objects of a bucket',
      ),
    )
    .addOption(many('--key <path>', 'a public key (PEM) that is trusted; `intercept audit key` prints it'))
    .addOption(many('--retention-key <path>', 'the same of statements of retention; `intercept audit key --retention`'))
    .addOption(
      many('--tsa-certificate <path>', 'certificates (PEM) of the authority that stamped checkpoints, or above it'),
    )
    .option('--json', 'print the report as JSON')
    .action(async options => (await import('./audit/verify')).verify(options))
  narrowed(audit.command('export'))
    .description('Print records with their places in the chain, oldest first')
    .addOption(new Option('--format <format>', 'how').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--since <time>', `decided at or after: ${PAST_HELP}`)
    .option('--until <time>', 'decided before: the same')
    .option('--proof', 'with the digests of what is left out, so that a narrowed export can be verified (NDJSON)')
    .option('--output <path>', 'write a new file, readable by its owner only')
    .action(async options => (await import('./audit/export')).exportTo(options))
  narrowed(audit.command('tail'))
    .description('Print decisions as they come, until it is stopped')
    .option('--lines <n>', 'earlier ones to begin with, at most 200', '10')
    .option('--json', 'print one JSON object a line')
    .action(async options => (await import('./audit/tail')).tail(options))
  audit
    .command('forward')
    .description('Send records on to the sinks until it is stopped; one a database, others wait to take over')
    .action(async () => (await import('./audit/forward')).forward())
  audit
    .command('key')
    .description('Print the public key that this host’s proxies sign checkpoints with; keep it where the record is not')
    .option('--retention', 'the key that signs what retention dropped')
    .action(async options => (await import('./audit/key')).printKey(options))
  audit
    .command('maintain')
    .description(
      'Make the coming days’ partitions and drop those past RETENTION_DAYS, as `npm start` does; for schedulers',
    )
    .action(async () => (await import('./audit/maintain')).maintain())
  audit
    .command('rotate-key')
    .description('Make a new signing key. Each proxy announces it, signed by the old one, when it starts again')
    .action(async () => (await import('./audit/key')).rotateKey())
}
