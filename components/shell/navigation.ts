import type { IconName } from '@/components/ui/icon'

export interface Entry {
  href: string
  label: string
  icon: IconName
}

export interface EntryGroup {
  /** Empty for what stands before the groups. */
  label: string
  entries: readonly Entry[]
}

/** The console's pages, in the order of the rail. */
export const groups: readonly EntryGroup[] = [
  { label: '', entries: [{ href: '/overview', label: 'Overview', icon: 'overview' }] },
  {
    label: 'Record',
    entries: [
      { href: '/audit', label: 'Audit', icon: 'audit' },
      { href: '/blocked', label: 'Blocked', icon: 'blocked' },
      { href: '/changes', label: 'Changes', icon: 'changes' },
    ],
  },
  {
    label: 'Decide',
    entries: [
      { href: '/policies', label: 'Policies', icon: 'policies' },
      { href: '/servers', label: 'Servers', icon: 'servers' },
    ],
  },
  { label: 'Who', entries: [{ href: '/identities', label: 'Identities', icon: 'identities' }] },
  {
    label: 'Run',
    entries: [
      { href: '/proxies', label: 'Proxies', icon: 'proxies' },
      { href: '/settings', label: 'Settings', icon: 'settings' },
    ],
  },
]

export interface Crumb {
  label: string
  href?: string
  /** A name out of the domain rather than the name of a page. */
  isLiteral: boolean
}

const isWithin = (path: string, href: string) => path === href || path.startsWith(`${href}/`)

/** The entry whose page, or a page under it, is at `path`. */
export function entryAt(path: string): Entry | undefined {
  return groups.flatMap(group => group.entries).find(entry => isWithin(path, entry.href))
}

/** Where `path` lies: its group, its page, and what the rest of the address names. */
export function crumbsOf(path: string): Crumb[] {
  const group = groups.find(each => each.entries.some(entry => isWithin(path, entry.href)))
  const entry = entryAt(path)
  if (!group || !entry) return []
  const rest = path.slice(entry.href.length).split('/').filter(Boolean)
  const trail = rest.map((segment, index) => ({
    label: readable(segment),
    href: `${entry.href}/${rest.slice(0, index + 1).join('/')}`,
    isLiteral: true,
  }))
  return [
    ...(group.label ? [{ label: group.label, isLiteral: false }] : []),
    { label: entry.label, href: entry.href, isLiteral: false },
    ...trail,
  ]
}

function readable(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
