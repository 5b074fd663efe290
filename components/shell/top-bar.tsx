'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { classes } from '@/components/ui/classes'
import { Icon } from '@/components/ui/icon'
import { crumbsOf } from './navigation'

/** Where one is, as a trail of links. */
export function TopBar({ children }: { children?: ReactNode }) {
  const crumbs = crumbsOf(usePathname())
  return (
    <header className="hidden h-bar items-center gap-3 border-b border-line px-6 md:flex print:hidden!">
      <nav aria-label="Crumbs" className="min-w-0">
        <ol className="flex min-w-0 items-center gap-2 text-ink-3">
          {crumbs.map((crumb, index) => {
            const isLast = index === crumbs.length - 1
            const look = classes('cut', crumb.isLiteral && 'literal', isLast && 'font-strong text-ink')
            return (
              <li key={crumb.href ?? crumb.label} className="flex min-w-0 items-center gap-2">
                {index > 0 ? <Icon name="right" small /> : null}
                {crumb.href && !isLast ? (
                  <Link href={crumb.href} className={classes(look, 'hover:text-ink')}>
                    {crumb.label}
                  </Link>
                ) : (
                  <span className={look} aria-current={isLast ? 'page' : undefined}>
                    {crumb.label}
                  </span>
                )}
              </li>
            )
          })}
        </ol>
      </nav>
      {children ? <div className="ml-auto flex items-center gap-2">{children}</div> : null}
    </header>
  )
}
