import { LinkButton } from '@/components/ui/button'
import { Instant } from '@/components/ui/time'
import type { DecisionRow } from '@/lib/audit/queries'

/** What searching on gave. */
export interface FoundFurther {
  rows: DecisionRow[]
  older: string | null
  searchedBackTo: Date | null
}

/** How far back a search looked, and the way to look further. */
export function SearchFoot({
  isSearching,
  end: { older, searchedBackTo },
  viewHref,
}: {
  isSearching: boolean
  end: Omit<FoundFurther, 'rows'>
  viewHref: string
}) {
  if (!searchedBackTo) return null
  return (
    <div
      role="status"
      className="flex min-h-11 flex-wrap items-center gap-3 border-b border-line px-4 py-1.5 text-xs text-ink-2 md:px-6"
    >
      {isSearching ? (
        'Searching further back…'
      ) : (
        <>
          <span>
            Searched back to <Instant at={searchedBackTo} />.
          </span>
          {older ? (
            <LinkButton href={`${viewHref}&before=${older}`} size="small" icon="down" className="ml-auto">
              Search further
            </LinkButton>
          ) : null}
        </>
      )}
    </div>
  )
}

/** How much of the list is shown, and the way on. */
export function ListFoot({
  shown,
  newestHref,
  olderHref,
}: {
  shown: number
  newestHref: string | null
  olderHref: string | null
}) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-3 px-4 py-1.5 text-xs text-ink-3 md:px-6">
      <span>
        {shown} shown, newest first{olderHref ? null : ', the last of this view'}
      </span>
      <span className="ml-auto flex gap-2">
        {newestHref ? (
          <LinkButton href={newestHref} size="small" icon="up">
            Newest
          </LinkButton>
        ) : null}
        {olderHref ? (
          <LinkButton href={olderHref} size="small" icon="down">
            Older
          </LinkButton>
        ) : null}
      </span>
    </div>
  )
}
