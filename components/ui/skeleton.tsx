import { classes } from './classes'

/** One line that is on its way; give it the width of what will stand there. */
export function Skeleton({ className }: { className?: string }) {
  return <span className={classes('block h-2.5 rounded-1 bg-line motion-safe:animate-wait', className)} />
}

const widths = ['w-11/12', 'w-3/4', 'w-5/6', 'w-3/5', 'w-4/5', 'w-2/3']

/** The shape of a list while it loads. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div aria-busy="true" aria-label="Loading" role="status" className="px-4">
      {Array.from({ length: rows }, (_, row) => (
        <div
          key={widths[row % widths.length] + String(row)}
          className="flex h-row items-center border-b border-line last:border-b-0"
        >
          <Skeleton className={widths[row % widths.length] ?? 'w-full'} />
        </div>
      ))}
    </div>
  )
}
