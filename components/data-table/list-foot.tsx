import Link from 'next/link'
import { LinkButton } from '@/components/ui/button'

/** Records that came while the list stands still. */
export function NewerBar({
  count,
  most,
  isOpen,
  href,
}: {
  count: number
  /** Counted no further than this. */
  most: number
  isOpen: boolean
  href: string
}) {
  return (
    <Link
      href={href}
      scroll={!isOpen}
      className="relative flex h-7 items-center gap-2 border-b border-line bg-accent-tint px-4 text-xs font-label text-accent-ink md:px-6"
    >
      <span aria-live="polite">
        {count >= most ? `${most - 1}+` : count} newer, held while {isOpen ? 'a row is open' : 'you read'}
      </span>
      · <span className="underline underline-offset-3">show</span>
    </Link>
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
