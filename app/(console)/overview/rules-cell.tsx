import Link from 'next/link'
import { EffectBar } from '@/components/charts/effect-bar'
import { viewHref } from '@/components/data-table/filter-bar'
import { RuleCitation } from '@/components/data-table/rule-citation'
import { EffectBadge } from '@/components/ui/effect-badge'
import { Cell } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import type { FilterCondition, FilterField, RecordFilter } from '@/lib/audit/filter/model'
import type { Ranking, RuleRank } from '@/lib/audit/queries'

/** Which rules refuse, each with its line and the way to the calls it refused. */
export function RulesCell({
  rules: { rows, sampled },
  filter,
  names,
}: {
  rules: Ranking<RuleRank>
  filter: RecordFilter
  names: Readonly<Record<string, string>>
}) {
  const most = Math.max(1, ...rows.map(row => row.count))
  return (
    <Cell
      span={8}
      title="Refusals by rule"
      note={sampled ? `of the newest ${sampled.toLocaleString('en')}` : undefined}
      end={rows.length > 0 ? <TextLink href={viewHref('/blocked', filter)}>All patterns</TextLink> : null}
    >
      {rows.length === 0 ? <p className="text-xs text-ink-2">Nothing was refused.</p> : null}
      <ol className="-my-1">
        {rows.map(row => (
          <li
            key={`${row.effect} ${row.policy} ${row.rule} ${row.code}`}
            className="grid min-h-8 grid-cols-[64px_minmax(0,1fr)_auto_40px] items-center gap-x-2 md:gap-x-3 py-1 text-xs md:grid-cols-[76px_minmax(0,1fr)_116px_minmax(0,9rem)_96px_52px]"
          >
            <EffectBadge effect={row.effect === 'limited' ? 'limited' : 'deny'} />
            <span className={row.rule ? 'md:cut' : 'cut font-mono text-ink-2'}>{row.rule ?? row.code}</span>
            <span>
              <RuleCitation policy={row.policy} line={row.line} names={names} />
            </span>
            <span className="cut font-mono text-ink-2 max-md:hidden">{row.tool ?? `${row.tools} tools`}</span>
            <span className="max-md:hidden">
              <EffectBar share={row.count / most} effect={row.effect === 'limited' ? 'limited' : 'deny'} />
            </span>
            <Link
              href={viewHref('/audit', refusedBy(filter, row))}
              className="justify-self-end text-sm tabular-nums underline-offset-3 hover:underline max-md:col-start-4"
            >
              {row.count.toLocaleString('en')}
            </Link>
          </li>
        ))}
      </ol>
    </Cell>
  )
}

/** The calls that this row counts, and no others. */
function refusedBy(filter: RecordFilter, row: RuleRank): RecordFilter {
  const is = (field: FilterField, value: string | null): FilterCondition => ({
    field,
    operator: 'is',
    values: [value ?? ''],
  })
  const conditions = [is('effect', row.effect), is('rule', row.rule), is('policy', row.policy), is('code', row.code)]
  return { ...filter, conditions: [...filter.conditions, ...conditions] }
}
