import type { Metadata } from 'next'
import { FilterProblems } from '@/components/data-table/filter-problems'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { RangeLinks } from '@/components/data-table/range-links'
import { rhythmOf } from '@/components/data-table/rhythm'
import { ServerMenu } from '@/components/data-table/server-menu'
import { ErrorNote } from '@/components/ui/empty'
import { Cells, Sheet } from '@/components/ui/sheet'
import type { RecordFilter } from '@/lib/audit/filter/model'
import { parseFilter, type SearchParameters } from '@/lib/audit/filter/parse'
import { readFacets, readOverview, readProxies } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { orRefused } from '../or-refused'
import { CallsCell } from './calls-cell'
import { FirstCall } from './first-call'
import { ProxiesCell } from './proxies-cell'
import { IdentitiesCell, RefusedToolsCell, ToolsCell } from './rank-cells'
import { RiskCell } from './risk-cell'
import { RulesCell } from './rules-cell'
import { Sentence } from './sentence'

export const metadata: Metadata = { title: 'Overview' }

export default async function OverviewPage({ searchParams }: { searchParams: Promise<SearchParameters> }) {
  const actor = await currentActor()
  const { filter, problems } = parseFilter(narrowed(await searchParams), { preset: '24h' })
  const [overview, facets, proxies] = await Promise.all([
    orRefused(readOverview(actor, filter)),
    readFacets(actor),
    readProxies(actor),
  ])
  return (
    <>
      <LiveRefresh everyMs={rhythmOf(filter.range)} />
      <header className="flex flex-wrap items-start gap-4 px-4 pt-5 pb-4 md:flex-nowrap md:px-6 md:pt-6 md:pb-5">
        {'read' in overview ? <Sentence view={overview.read} filter={filter} /> : <h1 className="text-xl">Overview</h1>}
        <div className="flex flex-none flex-wrap items-center gap-2 md:ml-auto">
          <RangeLinks path="/overview" filter={filter} />
          <ServerMenu path="/overview" filter={filter} servers={facets.servers} />
        </div>
      </header>
      <FilterProblems problems={problems} />
      <div className="px-4 pb-6 md:px-6">
        <Sheet>
          {'read' in overview ? (
            <Cells>
              <CallsCell histogram={overview.read.histogram} filter={filter} />
              {isSilent(filter, overview.read.histogram?.totals) ? <FirstCall servers={facets.servers} /> : null}
              <RulesCell rules={overview.read.rules} filter={filter} names={facets.policies} />
              <ProxiesCell view={proxies} />
              <ToolsCell tools={overview.read.tools} filter={filter} />
              <RefusedToolsCell tools={overview.read.refusedTools} filter={filter} />
              <IdentitiesCell identities={overview.read.identities} filter={filter} />
              <RiskCell risks={overview.read.risks} filter={filter} />
            </Cells>
          ) : (
            <ErrorNote title="The overview was not read">{overview.refused}</ErrorNote>
          )}
        </Sheet>
      </div>
    </>
  )
}

/** The overview is narrowed by time and server; anything else in the address belongs to lists. */
function narrowed({ range, from, to, server }: SearchParameters): SearchParameters {
  return { range, from, to, server }
}

function isSilent(filter: RecordFilter, totals: Readonly<Record<string, number>> | undefined): boolean {
  return filter.conditions.length === 0 && totals !== undefined && Object.values(totals).every(count => count === 0)
}
