import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { type RecordFilter, rangeWords, withoutCondition } from '@/lib/audit/filter/model'
import { viewHref } from './filter-bar'

/** A view without a record: how to see more, or how the first one comes about. */
export function NothingFound({
  path,
  filter,
  what = 'call',
  searchedBackTo = null,
}: {
  path: string
  filter: RecordFilter
  what?: string
  /** Older time was not looked at yet. */
  searchedBackTo?: Date | null
}) {
  const last = filter.conditions.at(-1)
  const isWidest = 'preset' in filter.range && filter.range.preset === '30d'
  const span = 'preset' in filter.range ? `in the ${rangeWords(filter.range)}` : `from ${rangeWords(filter.range)}`
  const wider = viewHref(path, { ...filter, range: { preset: '30d' } })
  return (
    <Empty
      title={
        searchedBackTo
          ? `No ${what} was found so far`
          : last
            ? `No ${what} matches these filters ${span}`
            : `No ${what} was recorded ${span}`
      }
      actions={
        <>
          {isWidest ? null : <LinkButton href={wider}>Look at 30 days</LinkButton>}
          {last ? (
            <LinkButton href={viewHref(path, withoutCondition(filter, last))} icon="x">
              Remove the filter on {last.field}
            </LinkButton>
          ) : null}
          {last ? null : <LinkButton href="/servers">Connect an agent</LinkButton>}
        </>
      }
    >
      {last ? null : <p>An agent that calls a tool through the proxy leaves a record here, whatever was decided.</p>}
    </Empty>
  )
}
