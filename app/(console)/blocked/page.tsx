import type { Metadata } from 'next'
import { FilterBar, viewHref } from '@/components/data-table/filter-bar'
import { filterChoices } from '@/components/data-table/filter-choices'
import { FilterProblems } from '@/components/data-table/filter-problems'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { NothingFound } from '@/components/data-table/nothing-found'
import { RangeLinks } from '@/components/data-table/range-links'
import { rhythmOf } from '@/components/data-table/rhythm'
import { Split } from '@/components/data-table/split'
import { TableKeys } from '@/components/data-table/table-keys'
import { PageHead } from '@/components/shell/page-head'
import { ErrorNote } from '@/components/ui/empty'
import { type RecordFilter, rangeWords, withValues } from '@/lib/audit/filter/model'
import { parseFilter, type SearchParameters } from '@/lib/audit/filter/parse'
import { type BlockedView, readBlocked, readDecision, readDecisions, readFacets } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { orRefused } from '../or-refused'
import { NewestCalls } from './newest-calls'
import { isAlike } from './pattern'
import { PatternList } from './pattern-list'
import { PatternPanel } from './pattern-panel'

export const metadata: Metadata = { title: 'Blocked' }

const day = { preset: '24h' } as const
const NEWEST = 20

export default async function BlockedPage({ searchParams }: { searchParams: Promise<SearchParameters> }) {
  const actor = await currentActor()
  const parameters = await searchParams
  const { filter, problems } = parseFilter({ ...parameters, effect: undefined, 'effect.not': undefined }, day)
  const [opened] = [parameters.pattern].flat()
  const [view, newest, facets, sample] = await Promise.all([
    orRefused(readBlocked(actor, filter)),
    orRefused(readDecisions(actor, withValues(filter, 'effect', ['deny', 'limited']), { limit: NEWEST })),
    readFacets(actor),
    opened ? orRefused(readDecision(actor, opened)) : undefined,
  ])
  const blocked = 'read' in view ? view.read : undefined
  const example = sample && 'read' in sample ? sample.read : undefined
  const at = example && blocked ? blocked.patterns.findIndex(pattern => isAlike(pattern, example)) : -1
  const pattern = blocked?.patterns[at]
  const hrefOf = (id: string) => `${viewHref('/blocked', filter)}&pattern=${id}`
  const closeHref = viewHref('/blocked', filter)

  return (
    <>
      <LiveRefresh everyMs={rhythmOf(filter.range)} />
      <PageHead
        title="Blocked"
        facts={factsOf(blocked, filter)}
        tools={<RangeLinks path="/blocked" filter={filter} />}
      />
      <FilterBar
        path="/blocked"
        filter={filter}
        choices={filterChoices(facets, ['server', 'tool', 'identity', 'rule', 'policy', 'code', 'risk', 'proxy'])}
        fallback={day}
      />
      <FilterProblems problems={problems} />
      <Split
        list={
          <TableKeys closeHref={pattern ? closeHref : undefined}>
            {'refused' in view ? <ErrorNote title="This view was not read">{view.refused}</ErrorNote> : null}
            {blocked && blocked.patterns.length === 0 ? (
              <NothingFound path="/blocked" filter={filter} what="refused call" />
            ) : null}
            {blocked && blocked.patterns.length > 0 ? (
              <>
                <PatternList
                  patterns={blocked.patterns}
                  selected={pattern?.id}
                  names={facets.policies}
                  hrefOf={hrefOf}
                />
                {blocked.patternsInAll > blocked.patterns.length ? (
                  <p className="border-b border-line px-4 py-3 text-xs text-ink-3 md:px-6">
                    The {blocked.patterns.length} largest of {blocked.patternsInAll.toLocaleString('en')} patterns.
                    Filter to see others.
                  </p>
                ) : null}
                {'read' in newest ? <NewestCalls page={newest.read} filter={filter} names={facets.policies} /> : null}
              </>
            ) : null}
          </TableKeys>
        }
        panel={
          pattern && example ? (
            <PatternPanel
              pattern={pattern}
              example={example}
              filter={filter}
              names={facets.policies}
              place={`${at + 1} of ${blocked?.patterns.length ?? 0}`}
              closeHref={closeHref}
              newerHref={beside(blocked, at - 1, hrefOf)}
              olderHref={beside(blocked, at + 1, hrefOf)}
            />
          ) : null
        }
      />
    </>
  )
}

function beside(view: BlockedView | undefined, at: number, hrefOf: (id: string) => string): string | null {
  const pattern = view?.patterns[at]
  return pattern ? hrefOf(pattern.id) : null
}

function factsOf(view: BlockedView | undefined, filter: RecordFilter): string | undefined {
  if (!view) return undefined
  const { calls, patternsInAll: patterns, sampled } = view
  const span = 'preset' in filter.range ? `the ${rangeWords(filter.range)}` : rangeWords(filter.range)
  const counted = sampled ? `The newest ${calls.toLocaleString('en')}` : calls.toLocaleString('en')
  const inPatterns = `in ${patterns.toLocaleString('en')} ${patterns === 1 ? 'pattern' : 'patterns'} of rule, tool and identity`
  return `${counted} refused ${calls === 1 ? 'call' : 'calls'} of ${span}${calls === 0 ? '' : `, ${inPatterns}`}.`
}
