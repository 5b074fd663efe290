import path from 'node:path'
import type { Command } from 'commander'
import { Slug } from '@/lib/catalogue/model'
import { inheritedEnvironment } from '@/lib/env'
import { BadInput, runAction } from './policy/bad-input'

interface RunOptions {
  readonly policy: string
  readonly record?: string
  readonly server: string
  readonly url?: string
  readonly header: readonly string[]
  readonly approve?: boolean
}

/** Adds `run`. */
export function register(program: Command): void {
  program
    .command('run')
    .description(
      'Put a policy file in front of one server, as a server on standard input and output; no console needed. The first run ' +
        'pins what the server lists in a file beside the policy; what changes later is refused until --approve',
    )
    .argument('[command...]', 'what starts the server, behind --')
    .requiredOption('--policy <file>', 'the policy, YAML or JSON; read again when it changes')
    .option(
      '--record <file>',
      'where decisions are recorded, as `audit verify --file` reads them; beside the policy when left out',
    )
    .option('--server <slug>', 'what conditions see as server.name', 'server')
    .option('--url <url>', 'address of a server over HTTP, instead of a command')
    .option('--header <line>', `sent to that server, "Name: value"; \${NAME} stands for a variable`, collect, [])
    .option('--approve', 'pin what the server lists now, say what is different, and end')
    .action((command: string[], options: RunOptions) => runAction(() => run(command, options)))
}

function collect(line: string, lines: readonly string[]): string[] {
  return [...lines, line]
}

async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const { server, url = null, approve = false } = options
  if (command.length > 0 === (url !== null))
    throw new BadInput(
      'Give either a command behind --, or --url. For example: intercept run --policy p.yaml -- node server.mjs',
    )
  if (!Slug.safeParse(server).success) throw new BadInput(`"${server}" is no slug: use a–z, 0–9 and -.`)
  if (url !== null && !(URL.canParse(url) && /^https?:/.test(url)))
    throw new BadInput(`"${url}" is no address of a server.`)
  const policy = path.resolve(options.policy)
  const beside = policy.replace(/\.(ya?ml|json)$/, '')
  const settings = {
    policy,
    definitions: `${beside}.definitions.json`,
    record: options.record === undefined ? `${beside}.record.ndjson` : path.resolve(options.record),
    server,
    command,
    url,
    headers: Object.fromEntries(options.header.map(readHeader)),
    approve,
  }
  // The bundle beside this one: proxy/run.ts is built with the command line, and belongs to the proxy.
  const entry: { run(settings: unknown): Promise<number> } = await import(new URL('./run.mjs', import.meta.url).href)
  return entry.run(settings)
}

/** RFC 9110 §5. What is secret stands in a variable, since a command line is read by everybody on the host. */
function readHeader(line: string): [name: string, value: string] {
  const [, name, template] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(line) ?? []
  if (!name || template === undefined)
    throw new BadInput(`"${line.split(':')[0]}" is no header. Write it as "Name: value".`)
  const environment = inheritedEnvironment()
  const value = template.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => {
    const found = environment[variable]
    if (found === undefined) throw new BadInput(`The header ${name} names the variable ${variable}, which is not set.`)
    return found
  })
  if (/[^\t -~]/.test(value)) throw new BadInput(`The header ${name} holds a character that no header may hold.`)
  return [name.toLowerCase(), value]
}
