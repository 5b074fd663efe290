import { SparkBars } from '@/components/charts/spark-bars'
import { lookOf } from '@/components/data-table/effect-looks'
import { viewHref } from '@/components/data-table/filter-bar'
import { Panel, PanelSection } from '@/components/data-table/split'
import { EffectBadge } from '@/components/ui/effect-badge'
import { TextLink } from '@/components/ui/text-link'
import { Instant } from '@/components/ui/time'
import type { RecordFilter } from '@/lib/audit/filter/model'
import type { BlockedPattern, DecisionDetail } from '@/lib/audit/queries'
import { ArgumentsSection } from '../audit/arguments-section'
import { WhySection } from '../audit/why-section'
import { callsOf } from './pattern'
import { WaysOut } from './ways-out'

/** One pattern: who was refused what how often, when, by which lines, with one of its calls. */
export function PatternPanel({
  pattern,
  example,
  filter,
  names,
  ...head
}: {
  pattern: BlockedPattern
  example: DecisionDetail
  filter: RecordFilter
  names: Readonly<Record<string, string>>
  place: string
  closeHref: string
  newerHref: string | null
  olderHref: string | null
}) {
  const allHref = viewHref('/audit', callsOf(pattern, filter))
  return (
    <Panel label="Pattern" {...head}>
      <PanelSection>
        <div className="mb-3 flex items-center gap-2">
          <EffectBadge effect={lookOf(pattern.effect)} box />
          {pattern.code ? <span className="font-mono text-xs text-ink-2">{pattern.code}</span> : null}
        </div>
        <p className="text-md leading-[1.375rem]">
          <b>{pattern.identity ?? 'A caller unknown'}</b> was refused{' '}
          <span className="literal font-head">{pattern.tool ?? pattern.method}</span>{' '}
          <TextLink href={allHref}>{times(pattern.count)}</TextLink>
          {pattern.rule ? (
            <>
              {' '}
              by <b>{pattern.rule}</b>
            </>
          ) : null}
          {pattern.message ? <>: “{pattern.message}”</> : '.'}
        </p>
      </PanelSection>
      <PanelSection title="When">
        <div className="h-14">
          <SparkBars
            counts={pattern.counts}
            effect={pattern.effect === 'limited' ? 'limited' : 'deny'}
            width={404}
            height={56}
          />
        </div>
        <p className="mt-2 flex flex-wrap justify-between gap-x-4 text-xs text-ink-3">
          <span>
            first <Instant at={pattern.first} />
          </span>
          <span>
            last <Instant at={pattern.last} />
          </span>
        </p>
      </PanelSection>
      <WhySection decision={example} />
      <ArgumentsSection decision={example} />
      <WaysOut pattern={pattern} names={names} allHref={allHref} exampleHref={`${allHref}&decision=${example.id}`} />
    </Panel>
  )
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count.toLocaleString('en')} times`
}
