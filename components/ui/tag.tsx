import type { ReactNode } from 'react'
import { classes } from './classes'

export type TagTone = 'plain' | 'solid' | 'accent' | 'warn' | 'bad'

const tones: Record<TagTone, string> = {
  plain: 'edge-strong text-ink-2',
  solid: 'bg-ink text-on-ink',
  accent: 'bg-accent-tint text-accent-ink',
  warn: 'bg-warn-tint text-warn-ink',
  bad: 'bg-bad-tint text-bad-ink',
}

/** A word about a thing: its state, its role. */
export function Tag({
  tone = 'plain',
  className,
  children,
}: {
  tone?: TagTone
  className?: string
  children: ReactNode
}) {
  return (
    <span
      className={classes(
        'inline-flex items-center gap-[5px] rounded-1 px-1.5 align-middle text-2xs leading-4.5 font-label whitespace-nowrap',
        tones[tone],
        className,
      )}
    >
      {children}
    </span>
  )
}
