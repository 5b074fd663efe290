import type { ReactNode } from 'react'
import { CategoryLetter } from '@/components/ui/category-letter'
import { EffectBadge } from '@/components/ui/effect-badge'
import { Icon } from '@/components/ui/icon'
import { Instant } from '@/components/ui/time'
import type { DecisionRow } from '@/lib/audit/queries'
import { type Column, DataTable } from './data-table'
import { categoryOf, duration, lookOf } from './effect-looks'
import { RuleCitation } from './rule-citation'

/** Decision records, newest first; each row opens its panel at `hrefOf`. */
export function DecisionTable({
  rows,
  until,
  names,
  selected,
  banner,
  hrefOf,
}: {
  rows: readonly DecisionRow[]
  /** End of the view's time, excluded: records of its day need no date. */
  until: Date
  /** Policies' files by server. */
  names: Readonly<Record<string, string>>
  selected?: string | undefined
  banner?: ReactNode
  hrefOf: (id: string) => string
}) {
  const lastDay = new Date(until.getTime() - 1).toISOString().slice(0, 10)
  return (
    <DataTable
      label="Decisions"
      columns={columnsWith(names, lastDay)}
      rows={rows}
      rowKey={row => row.id}
      rowHref={row => hrefOf(row.id)}
      rowLabel={row => `${row.tool ?? row.method} by ${callerOf(row)}, ${row.time.toISOString().slice(11, 19)}`}
      selected={selected}
      banner={banner}
      narrow={row => <NarrowRow row={row} names={names} lastDay={lastDay} />}
    />
  )
}

function columnsWith(names: Readonly<Record<string, string>>, lastDay: string): Column<DecisionRow>[] {
  return [
    {
      key: 'time',
      head: 'Time, UTC',
      className: 'w-px text-ink-2',
      cell: row => <When at={row.time} lastDay={lastDay} />,
    },
    { key: 'effect', head: 'Effect', className: 'w-px', cell: row => <Effect row={row} /> },
    { key: 'tool', head: 'Tool', className: 'w-px', cell: row => <ToolName row={row} /> },
    { key: 'identity', head: 'Identity', className: 'w-px @max-[34rem]:hidden', cell: row => <Caller row={row} /> },
    { key: 'rule', head: 'Rule', cut: true, cell: row => <RuleName row={row} names={names} /> },
    {
      key: 'outcome',
      head: 'Outcome',
      end: true,
      className: 'w-px text-ink-2 @max-[44rem]:hidden',
      cell: row => <Outcome row={row} />,
    },
  ]
}

function NarrowRow({
  row,
  names,
  lastDay,
}: {
  row: DecisionRow
  names: Readonly<Record<string, string>>
  lastDay: string
}) {
  return (
    <>
      <div className="flex items-center gap-2.5">
        <Effect row={row} />
        <span className="cut flex-1 font-mono text-xs font-label">{row.tool ?? row.method}</span>
        <span className="text-ink-2">
          <When at={row.time} lastDay={lastDay} />
        </span>
      </div>
      <div className="mt-px flex items-center gap-2 text-xs text-ink-2">
        <span className="flex-none">{callerOf(row)}</span>
        <span className="cut flex-1 text-ink-3">{row.rule ?? row.code}</span>
        <RuleCitation policy={row.policy} line={row.line} names={names} short />
      </div>
    </>
  )
}

/** The clock; the day before it where it is not the view's last one. */
function When({ at, lastDay }: { at: Date; lastDay: string }) {
  const isLastDay = at.toISOString().slice(0, 10) === lastDay
  const day = at.toLocaleDateString('en-GB', { day: '2-digit', month: 'short', timeZone: 'UTC' })
  return (
    <span className="font-mono text-xs whitespace-nowrap">
      {isLastDay ? null : <span className="text-ink-3">{day} </span>}
      <Instant at={at} show="clock" />
    </span>
  )
}

function Effect({ row }: { row: DecisionRow }) {
  const shadow = row.shadowEffect
  if (shadow === 'allow' || shadow === 'deny' || shadow === 'require_approval') {
    return <EffectBadge effect={shadow === 'require_approval' ? 'approval' : shadow} shadow />
  }
  return <EffectBadge effect={lookOf(row.effect)} />
}

function ToolName({ row }: { row: DecisionRow }) {
  const category = categoryOf(row.category)
  return (
    <span className="flex max-w-80 items-center gap-2">
      {category ? <CategoryLetter category={category} wordless /> : null}
      <span className={`cut font-mono text-xs ${row.tool ? 'font-label' : 'text-ink-2'}`}>
        {row.tool ?? row.method}
      </span>
    </span>
  )
}

function Caller({ row }: { row: DecisionRow }) {
  return row.identity ?? <span className="text-ink-3">unknown</span>
}

/** The rule and its line; where no rule spoke, the code says why. */
function RuleName({ row, names }: { row: DecisionRow; names: Readonly<Record<string, string>> }) {
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      {row.rule ? (
        <span className="cut">{row.rule}</span>
      ) : (
        <span className="cut font-mono text-xs text-ink-2">{row.code}</span>
      )}
      <RuleCitation policy={row.policy} line={row.line} names={names} />
    </span>
  )
}

function Outcome({ row: { effect, outcome } }: { row: DecisionRow }) {
  if (effect !== 'allow') return <span title="Not sent">—</span>
  if (outcome === null) return <span className="text-ink-3">on its way</span>
  if (outcome.kind === 'unknown') {
    return (
      <span className="inline-flex items-center gap-1.5 text-warn-ink">
        <Icon name="unknown" small />
        unknown
      </span>
    )
  }
  if (outcome.kind === 'not_sent') return <span className="text-bad-ink">not sent</span>
  const took = outcome.durationMs === null ? '' : duration(outcome.durationMs)
  if (outcome.kind === 'error' || outcome.isError) return <span className="text-bad-ink">error {took}</span>
  return <>{took || 'answered'}</>
}

function callerOf(row: DecisionRow): string {
  return row.identity ?? 'unknown'
}
