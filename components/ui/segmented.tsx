import Link from 'next/link'
import type { ReactNode } from 'react'
import { classes } from './classes'

export interface Segment {
  key: string
  label: ReactNode
  /** The view with this choice, where choices live in the URL. */
  href?: string
}

const frame = 'inline-flex w-fit flex-none rounded-2 border border-line-strong bg-well p-px align-middle'
const segment = (on: boolean) =>
  classes(
    'inline-flex h-[calc(var(--control)-4px)] items-center gap-1.5 rounded-1 px-2.5 text-xs font-label whitespace-nowrap transition-colors',
    on ? 'bg-sheet text-ink shadow-[0_0_0_var(--hair)_var(--line-strong)]' : 'text-ink-2 hover:text-ink',
  )

/** One of a few, side by side. With `href`s the choice is a link; else give `onChoose` (in a client component). */
export function Segmented({
  label,
  value,
  segments,
  onChoose,
}: {
  label: string
  value: string
  segments: readonly Segment[]
  onChoose?: (key: string) => void
}) {
  return (
    <fieldset className={frame} aria-label={label}>
      {segments.map(({ key, label: word, href }) =>
        href ? (
          <Link
            key={key}
            href={href}
            scroll={false}
            aria-current={key === value ? 'true' : undefined}
            className={segment(key === value)}
          >
            {word}
          </Link>
        ) : (
          <button
            key={key}
            type="button"
            aria-pressed={key === value}
            onClick={() => onChoose?.(key)}
            className={segment(key === value)}
          >
            {word}
          </button>
        ),
      )}
    </fieldset>
  )
}
