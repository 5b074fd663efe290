'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { classes } from '@/components/ui/classes'
import { Icon } from '@/components/ui/icon'
import { entryAt, groups } from './navigation'

/** The entries of the console, under the words of their groups. */
export function RailEntries({ onGo }: { onGo?: () => void }) {
  const current = entryAt(usePathname())
  return (
    <>
      {groups.map(group => (
        <div key={group.label} className={group.label ? undefined : 'pt-2'}>
          {group.label ? (
            <h2 className="px-2 pt-4 pb-1 text-2xs font-label text-ink-3" id={`rail-${group.label}`}>
              {group.label}
            </h2>
          ) : null}
          <ul aria-labelledby={group.label ? `rail-${group.label}` : undefined}>
            {group.entries.map(entry => (
              <li key={entry.href}>
                <Link
                  href={entry.href}
                  aria-current={entry === current ? 'page' : undefined}
                  {...(onGo ? { onClick: onGo } : {})}
                  className={classes(
                    'flex h-7.5 items-center gap-2.5 rounded-2 px-2 transition-colors coarse:h-11',
                    entry === current
                      ? 'edge-strong bg-sheet font-strong text-ink [&>svg]:text-accent'
                      : 'font-[450] text-ink-2 hover:bg-hover hover:text-ink [&>svg]:text-ink-3',
                  )}
                >
                  <Icon name={entry.icon} />
                  {entry.label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  )
}
