import type { Metadata } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Mark } from '@/components/ui/mark'

// Addresses here hold one-time tokens or say who may come in: nothing for a search engine.
export const metadata: Metadata = { robots: { index: false, follow: false } }

/** The way in: one narrow column, nothing beside it. */
export default function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[26rem] flex-col px-4 py-8 md:pt-[14vh]">
      <Link href="/" className="mb-8 flex items-center gap-2 self-start text-md font-head text-ink no-underline">
        <Mark />
        Intercept
      </Link>
      {children}
    </main>
  )
}
