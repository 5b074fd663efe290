import type { ReactNode } from 'react'
import { classes } from './classes'

/** Facts of one thing: names at the left, values beside them. Values that are undefined are left out. */
export function KeyValue({
  items,
  className,
}: {
  items: readonly (readonly [string, ReactNode])[]
  className?: string
}) {
  return (
    <dl className={classes('grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-xs', className)}>
      {items
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 wrap-anywhere text-ink">{value}</dd>
          </div>
        ))}
    </dl>
  )
}
