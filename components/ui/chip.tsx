import Link from 'next/link'
import type { ReactNode } from 'react'
import { Icon } from './icon'

const shell =
  'inline-flex h-6.5 flex-none overflow-hidden rounded-2 border text-xs leading-6 whitespace-nowrap align-middle coarse:h-9 coarse:leading-8'

/** A filter in force: field, operator, value. `operator` may be a menu; `removeHref` is the view without the filter. */
export function Chip({
  field,
  operator,
  value,
  removeHref,
}: {
  field: string
  operator: ReactNode
  value: ReactNode
  removeHref: string
}) {
  return (
    <span className={`${shell} items-stretch border-line-strong bg-sheet [&>*+*]:border-l [&>*+*]:border-line`}>
      <span className="px-[7px] text-ink-2">{field}</span>
      <span className="px-[7px] text-ink-3">{operator}</span>
      <span className="px-[7px] font-mono font-label text-ink">{value}</span>
      <Link
        href={removeHref}
        scroll={false}
        aria-label={`Remove the filter on ${field}`}
        className="inline-flex items-center px-[5px] text-ink-3 -outline-offset-2 hover:bg-hover hover:text-ink coarse:px-2.5"
      >
        <Icon name="x" small />
      </Link>
    </span>
  )
}

/** The look of the dashed chip that adds a filter; spread it on a menu's trigger. */
export const addChipClass = `${shell} items-center gap-[5px] border-dashed border-line-strong px-[7px] text-ink-2 hover:border-line-control hover:text-ink`
