import { PanelSection } from '@/components/data-table/split'
import { LinkButton } from '@/components/ui/button'
import { Icon, type IconName } from '@/components/ui/icon'
import type { BlockedPattern } from '@/lib/audit/queries'

interface Way {
  icon: IconName
  title: string
  says: string
  act: string
  href: string
}

/** What can be done about a pattern; only what this console can do. */
export function WaysOut({
  pattern,
  names,
  allHref,
  exampleHref,
}: {
  pattern: BlockedPattern
  names: Readonly<Record<string, string>>
  allHref: string
  exampleHref: string
}) {
  const ways = [...waysFor(pattern, names), ...always(pattern, allHref, exampleHref)]
  return (
    <PanelSection title="Ways out">
      <ul>
        {ways.map(way => (
          <li
            key={way.title}
            className="grid min-h-13 grid-cols-[28px_minmax(0,1fr)_auto] items-center border-t border-line py-1 first:border-t-0"
          >
            <Icon name={way.icon} className="text-ink-2" />
            <span className="pr-3">
              <span className="block font-strong">{way.title}</span>
              <span className="block text-xs text-ink-2">{way.says}</span>
            </span>
            <LinkButton href={way.href} size="small">
              {way.act}
            </LinkButton>
          </li>
        ))}
      </ul>
    </PanelSection>
  )
}

function waysFor(
  { policy, line, code, identity, tool, server }: BlockedPattern,
  names: Readonly<Record<string, string>>,
): Way[] {
  const ways: Way[] = []
  const name = policy === null ? undefined : names[policy]
  if (name && line !== null) {
    ways.push({
      icon: 'policies',
      title: 'Change the rule',
      says: `Opens ${name} at L${line}`,
      act: 'Open',
      href: `/policies/${name}#L${line}`,
    })
  }
  if (identity && code === 'no_grant') {
    const says = `A grant for ${identity} on ${tool ?? server}`
    ways.push({
      icon: 'identities',
      title: 'Grant it',
      says,
      act: 'Grant',
      href: `/identities/${encodeURIComponent(identity)}`,
    })
  }
  if (code === 'definition_drift') {
    const href = `/servers/${encodeURIComponent(server)}`
    ways.push({
      icon: 'servers',
      title: 'Compare the definition',
      says: `Approve what ${server} shows, or leave it blocked`,
      act: 'Compare',
      href,
    })
  }
  return ways
}

function always({ count, identity }: BlockedPattern, allHref: string, exampleHref: string): Way[] {
  const who = identity ?? 'this caller'
  return [
    {
      icon: 'audit',
      title: `See ${count === 1 ? 'the call' : `all ${count.toLocaleString('en')}`}`,
      says: `What ${who} was refused, one by one`,
      act: 'List',
      href: allHref,
    },
    { icon: 'out', title: 'See the newest one', says: 'With its record', act: 'Open', href: exampleHref },
  ]
}
