import type { ComponentProps, ReactNode } from 'react'
import { classes } from './classes'

/** The ruled surface that tables, panels and cells lie on. Never a sheet in a sheet. */
export function Sheet({ className, ...rest }: ComponentProps<'div'>) {
  return (
    <div
      {...rest}
      className={classes('min-w-0 overflow-hidden rounded-3 border border-line-strong bg-sheet', className)}
    />
  )
}

/** Cells on twelve columns, parted by hairlines; one column where the window is narrow. */
export function Cells({ className, ...rest }: ComponentProps<'div'>) {
  return <div {...rest} className={classes('grid grid-cols-1 gap-px bg-line md:grid-cols-12', className)} />
}

const spans = {
  3: 'md:col-span-3',
  4: 'md:col-span-4',
  5: 'md:col-span-5',
  6: 'md:col-span-6',
  7: 'md:col-span-7',
  8: 'md:col-span-8',
  9: 'md:col-span-9',
  12: 'md:col-span-12',
} as const

export function Cell({
  span = 12,
  title,
  note,
  end,
  className,
  children,
}: {
  span?: keyof typeof spans
  title?: ReactNode
  /** One line of facts beside the title. */
  note?: ReactNode
  end?: ReactNode
  className?: string
  children?: ReactNode
}) {
  return (
    <section className={classes('min-w-0 bg-sheet p-4 md:px-5 md:pb-5', spans[span], className)}>
      {title ? <SectionHead title={title} note={note} end={end} /> : null}
      {children}
    </section>
  )
}

/** The head of a part: what it is, a line of facts, and what stands at the right. */
export function SectionHead({
  title,
  note,
  end,
  level = 2,
}: {
  title: ReactNode
  note?: ReactNode
  end?: ReactNode
  level?: 2 | 3
}) {
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <div className="mb-3 flex min-h-6 flex-wrap items-center gap-2">
      <Heading className="text-sm font-head">{title}</Heading>
      {note ? <span className="text-xs text-ink-3">{note}</span> : null}
      {end ? <span className="ml-auto text-xs text-ink-3">{end}</span> : null}
    </div>
  )
}

/** A band on top of a sheet, over a table: its title and what can be done with it. */
export function Band({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-3 border-b border-line px-4 py-1.5">
      <h2 className="text-sm font-head">{title}</h2>
      {children}
    </div>
  )
}
