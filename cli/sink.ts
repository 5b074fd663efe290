import { type Command, Option } from 'commander'
import { runWithDatabase } from './output'

const json = () => new Option('--json', 'print JSON')
const collect = (value: string, earlier: string[] = []) => [...earlier, value]
const many = (flags: string, what: string) => new Option(flags, `${what}; may be repeated`).argParser(collect)

/** What `add` and `update` share. */
function described(command: Command): Command {
  return command
    .addOption(many('--set <name=value>', 'a setting of its kind, as docs/sinks.md lists them'))
    .addOption(many('--set-file <name=path>', 'a setting that is the text of a file, say ca=ca.pem'))
    .addOption(many('--secret <name=value>', 'a credential, sealed at once'))
    .addOption(
      many('--secret-file <name=path>', 'a credential that is the text of a file; keeps it out of process lists'),
    )
    .addOption(many('--effect <effect>', 'only records with this effect: allow, deny, require_approval'))
    .addOption(many('--server <slug>', 'only records of this server'))
    .option('--arguments', 'send arguments along, masked as they are stored')
    .addOption(json())
}

/** Adds `sink …`: where records are sent on to. Each command loads what it needs only when it is run. */
export function register(program: Command): void {
  const sink = program.command('sink').description('Send records on: webhook, OTLP, syslog, S3, NATS, files')
  described(sink.command('add'))
    .description('Add a sink; the forwarder begins with it within a second')
    .argument('<name>', 'its name')
    .argument('<kind>', 'webhook, otlp, syslog, s3, nats or file')
    .addOption(new Option('--from <when>', 'where it begins').choices(['now', 'beginning']).default('now'))
    .action(async (name, kind, options) => {
      const { addFromWords, sayAdded } = await import('./sink/change')
      await runWithDatabase(options, actor => addFromWords(actor, name, kind, options), sayAdded)
    })
  described(sink.command('update'))
    .description('Change a sink; what is not named stays, and so does how far it is')
    .argument('<name>')
    .addOption(many('--unset <name>', 'a setting to set back to its default'))
    .addOption(many('--unset-secret <name>', 'a credential to remove'))
    .option('--all', 'all effects and servers')
    .option('--no-arguments', 'send none along')
    .action(async (name, options) => {
      const { updateFromWords, sayUpdated } = await import('./sink/change')
      await runWithDatabase(options, actor => updateFromWords(actor, name, options), sayUpdated)
    })
  sink
    .command('list')
    .description('List sinks with how far each is, and what it last complained of')
    .addOption(json())
    .action(async options => {
      const { readSinks } = await import('@/lib/audit/sinks/queries')
      const { saySinks } = await import('./sink/list')
      await runWithDatabase(options, readSinks, view => saySinks(view, Date.now()))
    })
  for (const [verb, what, done] of [
    ['pause', 'Stop sending; how far it is stays', 'Paused'],
    ['resume', 'Go on from where it was paused', 'Resumed'],
    ['remove', 'Remove a sink with its credentials; what was sent stays where it is', 'Removed'],
  ] as const)
    sink
      .command(verb)
      .description(what)
      .argument('<name>')
      .addOption(json())
      .action(async (name, options) => {
        const commands = await import('@/lib/audit/sinks/commands')
        const run = { pause: commands.pauseSink, resume: commands.resumeSink, remove: commands.removeSink }[verb]
        await runWithDatabase(
          options,
          actor => run(actor, { name }),
          () => `${done} sink ${name}.\n`,
        )
      })
  sink
    .command('test')
    .description('Have the forwarder send one marked event; exit code 1 when it is not taken')
    .argument('<name>')
    .addOption(json())
    .action(async (name, options) => {
      const { tryOut, sayTested } = await import('./sink/change')
      await runWithDatabase(options, actor => tryOut(actor, name), sayTested)
    })
}
