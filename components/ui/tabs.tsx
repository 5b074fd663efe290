import Link from 'next/link'
import type { ReactNode } from 'react'
import { classes } from './classes'

export interface Tab {
  key: string
  label: ReactNode
  href: string
  /** How many there are; left out when unknown. */
  count?: number
}

/** Parts of one thing, each with its own address. */
export function Tabs({
  label,
  value,
  tabs,
  className,
}: {
  label: string
  value: string
  tabs: readonly Tab[]
  className?: string
}) {
  return (
    <nav
      aria-label={label}
      className={classes(
        'flex gap-5 overflow-x-auto border-b border-line px-4 [scrollbar-width:none] md:px-6',
        className,
      )}
    >
      {tabs.map(tab => (
        <Link
          key={tab.key}
          href={tab.href}
          scroll={false}
          aria-current={tab.key === value ? 'page' : undefined}
          className={classes(
            'inline-flex h-9 flex-none items-center gap-1.5 font-label -outline-offset-2 coarse:h-11',
            tab.key === value ? 'text-ink shadow-[inset_0_-2px_0_var(--accent)]' : 'text-ink-2 hover:text-ink',
          )}
        >
          {tab.label}
          {tab.count === undefined ? null : (
            <span className="text-2xs font-text text-ink-3 tabular-nums">{tab.count.toLocaleString('en')}</span>
          )}
        </Link>
      ))}
    </nav>
  )
}
