import Link from 'next/link'
import type { ReactNode } from 'react'
import { classes } from './classes'

const look =
  'inline-flex items-center rounded-1 px-[5px] align-middle font-mono text-2xs leading-4.5 font-label whitespace-nowrap'

/** The chip that a decision stands on: `mistral L33`, or a revision `r184`. With `href` it opens the policy there. */
export function RuleCite({
  href,
  current = false,
  children,
}: {
  href?: string
  current?: boolean
  children: ReactNode
}) {
  const tone = current ? 'edge-accent bg-accent-tint text-accent-ink' : 'edge-line bg-well text-ink-2'
  if (!href) return <span className={classes(look, tone)}>{children}</span>
  return (
    <Link href={href} className={classes(look, tone, 'hover:edge-accent hover:bg-accent-tint hover:text-accent-ink')}>
      {children}
    </Link>
  )
}
