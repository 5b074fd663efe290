import { type Command, Option } from 'commander'
import { Slug } from '@/lib/catalogue/model'
import { readEnv } from '@/lib/env'
import { BadInput, runAction } from '../policy/bad-input'

/** Adds `connect`. */
export function register(program: Command): void {
  program
    .command('connect')
    .description('Speak MCP on standard input and output for a client that cannot speak HTTP to the proxy')
    .argument('[slug]', 'the server, as the console names it; without one, all that the key may use')
    .option('--url <url>', 'address of the proxy (PROXY_URL)')
    .addOption(
      new Option('--key <key>', 'key of the identity; the variable keeps it out of process lists').env('INTERCEPT_KEY'),
    )
    .action((slug: string | undefined, options: { url?: string; key?: string }) =>
      runAction(async () => {
        const settings = { url: addressOf(slug, options.url ?? readEnv().proxyUrl), key: keyOf(options.key) }
        return (await import('./run')).runConnect(settings)
      }),
    )
}

function addressOf(slug: string | undefined, proxyUrl: string): URL {
  if (slug !== undefined && !Slug.safeParse(slug).success)
    throw new BadInput(`"${slug}" is no server slug. The console shows it beside the server.`)
  const base = URL.canParse(proxyUrl) ? new URL(proxyUrl) : null
  if (!base || !/^https?:$/.test(base.protocol))
    throw new BadInput(`"${proxyUrl}" is no address of a proxy. Give one like http://localhost:4000.`)
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/mcp${slug === undefined ? '' : `/${slug}`}`
  return base
}

function keyOf(key: string | undefined): string {
  if (key === undefined || key === '')
    throw new BadInput('A key is needed. Issue one in the console, and set INTERCEPT_KEY or give --key.')
  if (!/^[!-~]+$/.test(key))
    throw new BadInput('The key holds blanks or other characters that no key has. Copy it again.')
  return key
}
