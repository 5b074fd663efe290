/** What a client needs to reach one server through the proxy. */
export interface Connection {
  /** The server's slug; the client shows it as the server's name. */
  readonly slug: string
  /** The proxy's public address, without a trailing slash. */
  readonly proxyUrl: string
  /** A key as issued, or the placeholder. */
  readonly key: string
}

export interface Snippet {
  readonly client: string
  readonly form: 'shell' | 'json'
  /** Where it goes. */
  readonly place: string
  readonly text: string
  /** Set where the client needs more than the text. */
  readonly note?: string
}

/** What stands in a snippet while no key is shown. */
export const KEY_PLACEHOLDER = 'YOUR_KEY'

/** The address of a server's door for keys. */
export function endpointOf({ proxyUrl, slug }: Pick<Connection, 'proxyUrl' | 'slug'>): string {
  return `${proxyUrl}/mcp/${slug}`
}

/** A ready text for each client, to paste as it is. */
export function snippetsFor(connection: Connection): Snippet[] {
  const { slug, key } = connection
  const url = endpointOf(connection)
  const bearer = `Bearer ${key}`
  const headers = { Authorization: bearer }
  const remote = ['-y', 'mcp-remote', url, '--transport', 'http-only', ...openHttp(url)]
  return [
    {
      client: 'Claude Code',
      form: 'shell',
      place: 'In a terminal',
      text: `claude mcp add --transport http ${slug} ${url} --header ${quoted(`Authorization: ${bearer}`)}`,
    },
    {
      client: 'Claude Desktop',
      form: 'json',
      place: 'claude_desktop_config.json',
      text: json({
        mcpServers: {
          [slug]: {
            command: 'npx',
            // The header's value comes from the environment: on Windows an argument with a blank is torn apart.
            args: [...remote, '--header', `Authorization:\${INTERCEPT_KEY}`],
            env: { INTERCEPT_KEY: bearer },
          },
        },
      }),
      note: 'Claude Desktop starts mcp-remote, so Node has to be installed. Restart it afterwards.',
    },
    {
      client: 'Cursor',
      form: 'json',
      place: '~/.cursor/mcp.json',
      text: json({ mcpServers: { [slug]: { url, headers } } }),
    },
    {
      client: 'VS Code',
      form: 'json',
      place: 'mcp.json of your profile, by “MCP: Open User Configuration”',
      text: json({ servers: { [slug]: { type: 'http', url, headers } } }),
    },
    {
      client: 'mcp-remote',
      form: 'shell',
      place: 'In a terminal, or as the command of any client that speaks stdio only',
      text: `npx ${remote.join(' ')} --header ${quoted(`Authorization: ${bearer}`)}`,
    },
  ]
}

/** mcp-remote takes plain HTTP to another host only when told to. */
function openHttp(url: string): string[] {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !['localhost', '127.0.0.1'].includes(hostname) ? ['--allow-http'] : []
}

function json(value: object): string {
  return JSON.stringify(value, null, 2)
}

/** In double quotes, which sh, cmd and PowerShell read alike; keys and slugs hold nothing that any of them expands. */
function quoted(text: string): string {
  return `"${text}"`
}
