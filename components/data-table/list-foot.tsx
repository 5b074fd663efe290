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
    <PageFoot
      says={`${shown} shown, newest first${olderHref ? '' : ', the last of this view'}`}
      back={{ label: 'Newest', href: newestHref }}
      onward={{ label: 'Older', href: olderHref }}
    />
  )
}

interface Step {
  readonly label: string
  /** null where there is nothing that way. */
  readonly href: string | null
}

/** The foot of any list that is read a page at a time. */
export function PageFoot({ says, back, onward }: { says: string; back: Step; onward: Step }) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-3 px-4 py-1.5 text-xs text-ink-3 md:px-6">
      <span>{says}</span>
      <span className="ml-auto flex gap-2">
        {back.href ? (
          <LinkButton href={back.href} size="small" icon="up">
            {back.label}
          </LinkButton>
        ) : null}
        {onward.href ? (
          <LinkButton href={onward.href} size="small" icon="down">
            {onward.label}
          </LinkButton>
        ) : null}
      </span>
    </div>
  )
}
