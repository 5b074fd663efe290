import Link from 'next/link'
import type { ReactNode } from 'react'
import { Mark } from '@/components/ui/mark'

/** A page on its own that says what happened and where to go on: a line that ended at a gate. */
export function DeadEnd({ title, children, acts }: { title: string; children: ReactNode; acts: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-form flex-col px-4 py-8 md:px-8 md:pt-[14vh]">
      <Link href="/" className="flex items-center gap-[9px] self-start text-lg leading-none font-head tracking-head">
        <Mark />
        Intercept
      </Link>
      <svg viewBox="0 0 240 24" aria-hidden="true" className="mt-16 mb-8 h-6 w-60 fill-none">
        <path d="M0 12h148" className="stroke-deny" strokeWidth={2.5} />
        <path d="M151 1v22" className="stroke-deny" strokeWidth={5} />
        <path d="M170 12h70" className="stroke-line-strong" strokeWidth={2.5} strokeDasharray="6 5" />
        <path d="M40 2v6.5M40 15.5V22M95 2v6.5M95 15.5V22" className="stroke-ink-3" strokeWidth={1.5} />
      </svg>
      <h1 className="text-2xl font-[560] tracking-figure">{title}</h1>
      <div className="mt-3 text-md text-ink-2">{children}</div>
      <div className="mt-6 flex flex-wrap gap-2">{acts}</div>
    </main>
  )
}
