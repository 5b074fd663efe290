import Link from 'next/link'
import { SparkBars } from '@/components/charts/spark-bars'
import { categoryOf, lookOf } from '@/components/data-table/effect-looks'
import { RuleCitation } from '@/components/data-table/rule-citation'
import { CategoryLetter } from '@/components/ui/category-letter'
import { classes } from '@/components/ui/classes'
import { EffectBadge } from '@/components/ui/effect-badge'
import { Time } from '@/components/ui/time'
import type { BlockedPattern } from '@/lib/audit/queries'

/** Refused calls that are alike, the most of them first. */
export function PatternList({
  patterns,
  selected,
  names,
  hrefOf,
}: {
  patterns: readonly BlockedPattern[]
  selected: string | undefined
  names: Readonly<Record<string, string>>
  hrefOf: (id: string) => string
}) {
  return (
    <ul aria-label="Patterns of refused calls">
      {patterns.map(pattern => (
        <li
          key={pattern.id}
          className={classes(
            'relative grid grid-cols-[20px_minmax(0,1fr)_64px] items-center gap-x-3.5 gap-y-0.5 border-b border-line px-4 py-3 hover:bg-hover md:grid-cols-[20px_minmax(0,1fr)_124px_84px] md:px-6 md:py-3.5',
            pattern.id === selected && 'bg-selected! edge-selected',
          )}
        >
          <Link
            href={hrefOf(pattern.id)}
            scroll={false}
            prefetch={false}
            data-row={pattern.id === selected ? 'selected' : 'listed'}
            aria-current={pattern.id === selected ? 'true' : undefined}
            className="absolute inset-0 -outline-offset-2"
          >
            <span className="sr-only">
              {pattern.rule ?? pattern.code}: {pattern.tool ?? pattern.method} by {pattern.identity ?? 'unknown'},{' '}
              {pattern.count} times
            </span>
          </Link>
          <span className="row-span-2 self-start pt-0.5">
            <EffectBadge effect={lookOf(pattern.effect)} wordless />
          </span>
          <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
            <span className={pattern.rule ? 'cut font-strong' : 'cut font-mono text-xs font-label'}>
              {pattern.rule ?? pattern.code}
            </span>
            <RuleCitation policy={pattern.policy} line={pattern.line} names={names} />
          </span>
          <span className="row-span-2 h-7 max-md:hidden">
            <SparkBars counts={pattern.counts} effect={pattern.effect === 'limited' ? 'limited' : 'deny'} />
          </span>
          <span className="text-right text-lg leading-5 font-strong tracking-head tabular-nums max-md:col-start-3">
            {pattern.count.toLocaleString('en')}
          </span>
          <Who pattern={pattern} />
          <span className="text-right text-2xs text-ink-3 max-md:col-start-3 md:col-start-4">
            <Time at={pattern.last} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Who({ pattern }: { pattern: BlockedPattern }) {
  const category = categoryOf(pattern.category)
  return (
    <span className="col-start-2 flex min-w-0 flex-wrap items-center gap-x-1.5 text-xs text-ink-2">
      {category ? <CategoryLetter category={category} wordless /> : null}
      <span className="cut font-mono text-ink">{pattern.tool ?? pattern.method}</span>
      <span className="cut">
        by {pattern.identity ?? 'a caller unknown'}
        {pattern.policy === pattern.server ? null : ` on ${pattern.server}`}
      </span>
    </span>
  )
}
