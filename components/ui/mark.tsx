import { classes } from './classes'

/** A call is a line that meets a gate: the sign of the product. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" fill="none" aria-hidden="true" className={classes('flex-none', className ?? 'size-5')}>
      <path d="M1 10h7.2" stroke="currentColor" strokeWidth="2.2" />
      <path d="M10.4 2v16" className="stroke-accent" strokeWidth="2.8" />
      <path d="M13.6 10h1.8M17 10h1.8" stroke="currentColor" strokeWidth="2.2" />
    </svg>
  )
}
