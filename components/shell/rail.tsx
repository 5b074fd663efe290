import Link from 'next/link'
import type { ReactNode } from 'react'
import { Mark } from '@/components/ui/mark'
import { RailEntries } from './rail-entries'

/** The console's navigation at the left; `account` stands at its foot. Narrow windows have `MobileBar` instead. */
export function Rail({ account }: { account: ReactNode }) {
  return (
    <nav
      aria-label="Console"
      className="sticky top-0 hidden h-[calc(100dvh-var(--strip))] flex-col overflow-y-auto border-r border-line px-3 pb-3 md:row-span-2 md:flex print:hidden!"
    >
      <Link
        href="/overview"
        className="flex h-bar flex-none items-center gap-[9px] px-2 text-md font-head tracking-head"
      >
        <Mark />
        Intercept
      </Link>
      <RailEntries />
      <div className="mt-auto pt-4">{account}</div>
    </nav>
  )
}
