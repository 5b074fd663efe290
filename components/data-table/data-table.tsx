import Link from 'next/link'
import type { ReactNode } from 'react'
import { classes } from '@/components/ui/classes'
import { Td, Th, Tr } from '@/components/ui/table'

export interface Column<Row> {
  key: string
  head: ReactNode
  /** Numbers stand right. */
  end?: boolean
  mono?: boolean
  cut?: boolean
  /** Widths and what gives way when the panel opens, on head and cells alike. */
  className?: string
  cell: (row: Row) => ReactNode
}

/**
 * Dense rows, each one a link to what it stands for; two-line rows where the window is narrow.
 * What can be pressed inside a row carries `relative`, so that it lies over the row's own link.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  rowHref,
  rowLabel,
  selected,
  narrow,
  banner,
}: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  rowHref: (row: Row) => string
  /** What the link of a row says. */
  rowLabel: (row: Row) => string
  /** Key of the row whose panel is open. */
  selected?: string | undefined
  narrow: (row: Row) => ReactNode
  /** One line over the rows. */
  banner?: ReactNode
}) {
  return (
    <>
      <table
        aria-label={label}
        className="w-full border-collapse text-left max-md:hidden [&_tr>:first-child]:pl-6 [&_tr>:last-child]:pr-4"
      >
        <thead>
          <tr>
            {columns.map(column => (
              <Th
                key={column.key}
                end={column.end ?? false}
                className={classes('sticky top-0 z-sticky bg-sheet px-2', column.className)}
              >
                {column.head}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {banner ? (
            <tr>
              <td colSpan={columns.length} className="border-b border-line p-0!">
                {banner}
              </td>
            </tr>
          ) : null}
          {rows.map(row => (
            <Tr key={rowKey(row)} selected={rowKey(row) === selected} className="relative focus-within:bg-hover">
              {columns.map((column, index) => (
                <Td
                  key={column.key}
                  end={column.end ?? false}
                  mono={column.mono ?? false}
                  cut={column.cut ?? false}
                  className={classes('px-2', column.className)}
                >
                  {index === 0 ? (
                    <RowLink href={rowHref(row)} label={rowLabel(row)} isSelected={rowKey(row) === selected} />
                  ) : null}
                  {column.cell(row)}
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </table>
      <NarrowRows {...{ label, rows, rowKey, rowHref, rowLabel, selected, narrow, banner }} />
    </>
  )
}

function NarrowRows<Row>({
  label,
  rows,
  rowKey,
  rowHref,
  rowLabel,
  selected,
  narrow,
  banner,
}: Omit<Parameters<typeof DataTable<Row>>[0], 'columns'>) {
  return (
    <div className="md:hidden">
      {banner}
      <ul aria-label={label}>
        {rows.map(row => (
          <li
            key={rowKey(row)}
            className={classes(
              'relative border-b border-line px-4 py-2.5',
              rowKey(row) === selected && 'bg-selected edge-selected',
            )}
          >
            <RowLink href={rowHref(row)} label={rowLabel(row)} isSelected={rowKey(row) === selected} />
            {narrow(row)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The whole row, as a link: it can be opened in a tab, and reached by key. */
function RowLink({ href, label, isSelected }: { href: string; label: string; isSelected: boolean }) {
  return (
    <Link
      href={href}
      scroll={false}
      prefetch={false}
      data-row={isSelected ? 'selected' : 'listed'}
      aria-current={isSelected ? 'true' : undefined}
      className="absolute inset-0 -outline-offset-2"
    >
      <span className="sr-only">{label}</span>
    </Link>
  )
}
