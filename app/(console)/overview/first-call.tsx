import { LinkButton } from '@/components/ui/button'
import { Cell } from '@/components/ui/sheet'

/** What to do for the first call to show. */
export function FirstCall({ servers }: { servers: readonly string[] }) {
  const [first] = servers
  return (
    <Cell title={first ? 'Connect an agent' : 'Add a server'}>
      <p className="max-w-[60ch] text-ink-2">
        {first
          ? 'Give an identity a key and a grant, and point its client at the proxy. Its calls show here as they are decided.'
          : 'An MCP server comes first; then an identity with a key and a grant. Calls show here as they are decided.'}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        {first ? (
          <>
            <LinkButton href="/identities" icon="identities">
              Identities
            </LinkButton>
            <LinkButton href={`/servers/${encodeURIComponent(first)}`} icon="servers">
              How to connect to {first}
            </LinkButton>
          </>
        ) : (
          <LinkButton href="/servers/new" icon="plus">
            Add a server
          </LinkButton>
        )}
      </div>
    </Cell>
  )
}
