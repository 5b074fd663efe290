'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Drawer } from '@/components/ui/drawer'
import { Mark } from '@/components/ui/mark'
import { entryAt } from './navigation'
import { RailEntries } from './rail-entries'

/** Rail and top bar of a narrow window: the page's name and a menu. */
export function MobileBar({ account }: { account: ReactNode }) {
  const [open, setOpen] = useState(false)
  const entry = entryAt(usePathname())
  return (
    <header className="sticky top-0 z-bar flex h-bar items-center gap-2 border-b border-line bg-paper pr-2 pl-4 md:hidden print:hidden">
      <Link href="/overview" className="flex items-center gap-[9px] text-md font-head tracking-head">
        <Mark />
        {entry?.label ?? 'Intercept'}
      </Link>
      <div className="ml-auto">
        <Drawer
          title="Intercept"
          open={open}
          onOpenChange={setOpen}
          trigger={<Button kind="quiet" square icon="menu" aria-label="Menu" />}
        >
          <nav aria-label="Console" className="px-3">
            <RailEntries onGo={() => setOpen(false)} />
          </nav>
          <div className="mt-auto border-t border-line p-3">{account}</div>
        </Drawer>
      </div>
    </header>
  )
}
