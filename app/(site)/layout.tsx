import Link from 'next/link'
import type { ReactNode } from 'react'
import { SkipLink } from '@/components/shell/skip-link'
import { LinkButton } from '@/components/ui/button'
import { Icon } from '@/components/ui/icon'
import { Mark } from '@/components/ui/mark'

const parts = [
  { href: '/#how', label: 'How it works' },
  { href: '/#promises', label: 'Promises' },
  { href: '/#run', label: 'Run it' },
]

export default function SiteLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <SkipLink />
      <header className="border-b border-line bg-paper">
        <div className="mx-auto flex h-14 max-w-page items-center gap-2 px-4 md:h-15 md:px-8">
          <Brand />
          <nav aria-label="Site" className="ml-8 hidden gap-6 text-[0.875rem] text-ink-2 md:flex">
            {parts.map(part => (
              <Link key={part.href} href={part.href} className="hover:text-ink">
                {part.label}
              </Link>
            ))}
          </nav>
          <Link href="/sign-in" className="mr-4 ml-auto hidden text-[0.875rem] text-ink-2 hover:text-ink md:block">
            Sign in
          </Link>
          <LinkButton kind="ink" href="/#early" className="ml-auto md:ml-0">
            Request early access
          </LinkButton>
          <SiteMenu />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="outline-none">
        {children}
      </main>
      <footer className="mt-16 border-t border-line-strong pt-8 pb-10 text-ink-2 md:mt-24">
        <div className="mx-auto flex max-w-page flex-wrap items-center gap-x-6 gap-y-3 px-4 md:px-8">
          <Brand />
          <span className="mr-auto">Open source under Apache 2.0, self-hosted.</span>
          <Link href="/contact" className="hover:text-ink">
            Get in touch
          </Link>
          <Link href="/sign-in" className="hover:text-ink">
            Sign in
          </Link>
        </div>
      </footer>
    </>
  )
}

function Brand() {
  return (
    <Link href="/" className="flex items-center gap-[9px] text-lg leading-none font-head tracking-head text-ink">
      <Mark />
      Intercept
    </Link>
  )
}

/** Opens without JavaScript. */
function SiteMenu() {
  return (
    <details className="group relative md:hidden">
      <summary
        aria-label="Menu"
        className="grid size-control cursor-pointer list-none place-items-center rounded-2 text-ink-2 hover:bg-hover [&::-webkit-details-marker]:hidden"
      >
        <Icon name="menu" className="group-open:hidden" />
        <Icon name="x" className="hidden group-open:block" />
      </summary>
      <nav
        aria-label="Site"
        className="absolute top-full right-0 z-menu mt-1 w-52 rounded-2 bg-overlay p-1 shadow-float-2"
      >
        {[...parts, { href: '/contact', label: 'Get in touch' }, { href: '/sign-in', label: 'Sign in' }].map(part => (
          <Link key={part.href} href={part.href} className="flex h-10 items-center rounded-1 px-3 hover:bg-hover">
            {part.label}
          </Link>
        ))}
      </nav>
    </details>
  )
}
