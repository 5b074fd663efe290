import { type Column, DataTable } from '@/components/data-table/data-table'
import { Instant, Time } from '@/components/ui/time'
import type { ChangeRow } from '@/lib/audit/queries'

export function ChangeTable({
  rows,
  selected,
  hrefOf,
}: {
  rows: readonly ChangeRow[]
  selected: string | undefined
  hrefOf: (id: string) => string
}) {
  return (
    <DataTable
      label="Changes"
      columns={columns}
      rows={rows}
      rowKey={row => row.id}
      rowHref={row => hrefOf(row.id)}
      rowLabel={row => `${row.action} ${row.label} by ${row.actor}`}
      selected={selected}
      narrow={row => <NarrowRow row={row} />}
    />
  )
}

const columns: Column<ChangeRow>[] = [
  { key: 'time', head: 'Time, UTC', className: 'w-px text-ink-2', cell: row => <Instant at={row.time} /> },
  { key: 'actor', head: 'Who', className: 'w-px', cell: row => <Who row={row} /> },
  { key: 'action', head: 'Action', mono: true, className: 'w-px font-label', cell: row => row.action },
  { key: 'label', head: 'What', cut: true, cell: row => row.label },
  {
    key: 'source',
    head: 'From',
    mono: true,
    end: true,
    className: 'w-px text-ink-2 @max-[44rem]:hidden',
    cell: row => row.source,
  },
]

function Who({ row }: { row: ChangeRow }) {
  return (
    <span className="flex max-w-56 items-center gap-1.5">
      <span className="cut">{row.actor}</span>
      {row.actorKind === 'member' ? null : <span className="text-xs text-ink-3">{doors[row.actorKind]}</span>}
    </span>
  )
}

const doors: Record<string, string> = { cli: 'command line', seed: 'first start' }

function NarrowRow({ row }: { row: ChangeRow }) {
  return (
    <>
      <div className="flex items-center gap-2.5">
        <span className="font-mono text-xs font-label">{row.action}</span>
        <span className="ml-auto text-xs text-ink-2">
          <Time at={row.time} />
        </span>
      </div>
      <div className="mt-px flex items-center gap-2 text-xs text-ink-2">
        <span className="cut flex-1">{row.label}</span>
        <span className="flex-none text-ink-3">{row.actor}</span>
      </div>
    </>
  )
}
