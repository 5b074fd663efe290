import type { ComponentProps } from 'react'
import { classes } from './classes'

/** Rows of 36 px (48 with `tall`), hairlines, no zebra. Lies on a `Sheet`; scrolls sideways inside it where it must. */
export function Table({ tall = false, className, ...rest }: ComponentProps<'table'> & { tall?: boolean }) {
  return (
    <div className="overflow-x-auto">
      <table
        {...rest}
        data-tall={tall || undefined}
        className={classes(
          'group/table w-full border-collapse text-left [&_tbody_tr:last-child>td]:border-b-0 [&_tr>:first-child]:pl-4 [&_tr>:last-child]:pr-4',
          className,
        )}
      />
    </div>
  )
}

/** A head cell; `end` for numbers, which stand right. */
export function Th({ end = false, className, ...rest }: ComponentProps<'th'> & { end?: boolean }) {
  return (
    <th
      scope="col"
      {...rest}
      className={classes(
        'h-8 border-b border-line px-3 text-2xs font-label whitespace-nowrap text-ink-3',
        end && 'text-right',
        className,
      )}
    />
  )
}

/** A row; `selected` marks it by tint and a bar at the left. */
export function Tr({ selected = false, className, ...rest }: ComponentProps<'tr'> & { selected?: boolean }) {
  return (
    <tr
      {...rest}
      data-selected={selected || undefined}
      className={classes(
        'group/row [tbody_&]:hover:bg-hover data-selected:bg-selected! data-selected:[&>:first-child]:edge-selected',
        className,
      )}
    />
  )
}

/** `end`: right and tabular. `mono`: a literal. `cut`: takes what is left and is cut with an ellipsis. */
export function Td({
  end = false,
  mono = false,
  cut = false,
  className,
  ...rest
}: ComponentProps<'td'> & { end?: boolean; mono?: boolean; cut?: boolean }) {
  return (
    <td
      {...rest}
      className={classes(
        'h-row border-b border-line px-3 whitespace-nowrap group-data-tall/table:h-row-tall',
        end && 'text-right tabular-nums',
        mono && 'font-mono text-xs',
        cut && 'cut max-w-0',
        className,
      )}
    />
  )
}
