import type { ReactNode } from 'react'
import { classes } from './classes'
import { Icon, type IconName } from './icon'

export type NoteTone = 'plain' | 'good' | 'warn' | 'bad'

const tones: Record<NoteTone, { edge: string; icon: string; fallback: IconName }> = {
  plain: { edge: 'border-l-ink-3', icon: 'text-ink-2', fallback: 'lock' },
  good: { edge: 'border-l-ok', icon: 'text-ok-ink', fallback: 'check' },
  warn: { edge: 'border-l-warn', icon: 'text-warn-ink', fallback: 'warn' },
  bad: { edge: 'border-l-bad', icon: 'text-bad-ink', fallback: 'error' },
}

/** A sentence beside the work: what happened, where, what to do. `role` is `alert` when it answers an act. */
export function Note({
  tone = 'plain',
  icon,
  role,
  className,
  children,
}: {
  tone?: NoteTone
  icon?: IconName
  role?: 'alert' | 'status'
  className?: string
  children: ReactNode
}) {
  const look = tones[tone]
  return (
    <div
      role={role}
      className={classes(
        'flex gap-2.5 rounded-r-2 border border-l-3 border-line-strong bg-sheet px-3.5 py-2.5',
        look.edge,
        className,
      )}
    >
      <Icon name={icon ?? look.fallback} className={classes('mt-0.5', look.icon)} />
      <div className="min-w-0">{children}</div>
    </div>
  )
}
