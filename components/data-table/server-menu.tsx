import { type RecordFilter, withoutCondition, withValues } from '@/lib/audit/filter/model'
import { viewHref } from './filter-bar'
import { LinkMenu } from './link-menu'

/** Which server a page is about. With one server or none there is nothing to choose. */
export function ServerMenu({
  path,
  filter,
  servers,
}: {
  path: string
  filter: RecordFilter
  servers: readonly string[]
}) {
  const chosen = filter.conditions.find(condition => condition.field === 'server')
  if (servers.length < 2 && !chosen) return null
  const all = { words: 'All servers', href: viewHref(path, chosen ? withoutCondition(filter, chosen) : filter) }
  const each = servers.map(server => ({ words: server, href: viewHref(path, withValues(filter, 'server', [server])) }))
  return <LinkMenu words={chosen ? chosen.values.join(', ') : all.words} choices={[all, ...each]} />
}
