import type { Metadata } from 'next'
import { DecisionTable } from '@/components/data-table/decision-table'
import { FilterBar, viewHref } from '@/components/data-table/filter-bar'
import { filterChoices } from '@/components/data-table/filter-choices'
import { FilterProblems } from '@/components/data-table/filter-problems'
import { ListFoot, NewerBar } from '@/components/data-table/list-foot'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { NothingFound } from '@/components/data-table/nothing-found'
import { RangeLinks } from '@/components/data-table/range-links'
import { rhythmOf } from '@/components/data-table/rhythm'
import { Split } from '@/components/data-table/split'
import { TableKeys } from '@/components/data-table/table-keys'
import { PageHead } from '@/components/shell/page-head'
import { ErrorNote } from '@/components/ui/empty'
import type { RecordFilter } from '@/lib/audit/filter/model'
import { parseFilter, type SearchParameters } from '@/lib/audit/filter/parse'
import { MOST_NEWER, readCallsByEffect, readDecision, readDecisions, readFacets } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { orRefused } from '../or-refused'
import { ChartStrip } from './chart-strip'
import { DecisionPanel, LostPanel } from './decision-panel'

export const metadata: Metadata = { title: 'Audit' }

const day = { preset: '24h' } as const

export default async function AuditPage({ searchParams }: { searchParams: Promise<SearchParameters> }) {
  const actor = await currentActor()
  const parameters = await searchParams
  const { filter, problems } = parseFilter(parameters, day)
  const [opened, before, hold] = [one(parameters.decision), one(parameters.before), one(parameters.hold)]
  const [page, chart, facets, decision] = await Promise.all([
    orRefused(readDecisions(actor, filter, { before, hold })),
    readCallsByEffect(actor, filter),
    readFacets(actor),
    opened ? orRefused(readDecision(actor, opened, { filter })) : undefined,
  ])
  const list = 'read' in page ? page.read : undefined
  // A row that is open, and a list that is scrolled, stand still: what is newer is counted on top.
  const held = before ? undefined : (hold ?? list?.newest ?? undefined)
  const address = (also: Address) => auditHref(filter, { before, ...also })
  const rowHref = (id: string) => address({ decision: id, hold: held })
  const closeHref = opened ? address({ hold }) : undefined

  return (
    <>
      <PageHead
        title="Audit"
        facts="Every call that was decided, forwarded or not, newest first. Times are UTC."
        tools={<RangeLinks path="/audit" filter={filter} />}
      />
      <FilterBar path="/audit" filter={filter} choices={filterChoices(facets)} fallback={day} />
      <FilterProblems problems={problems} />
      {before ? null : (
        <LiveRefresh
          everyMs={rhythmOf(filter.range)}
          holdHref={hold ? undefined : address({ decision: opened, hold: held })}
          holdsAlways={opened !== undefined}
          releaseHref={hold && !opened ? address({}) : undefined}
        />
      )}
      <Split
        list={
          <TableKeys closeHref={closeHref}>
            <ChartStrip histogram={chart} filter={filter} />
            {list && list.rows.length > 0 ? (
              <DecisionTable
                rows={list.rows}
                until={list.window.to}
                names={facets.policies}
                selected={opened}
                hrefOf={rowHref}
                banner={
                  list.newer > 0 ? (
                    <NewerBar
                      count={list.newer}
                      most={MOST_NEWER}
                      isOpen={opened !== undefined}
                      href={address({ decision: opened })}
                    />
                  ) : undefined
                }
              />
            ) : 'refused' in page ? (
              <ErrorNote title="This view was not read">{page.refused}</ErrorNote>
            ) : (
              <NothingFound path="/audit" filter={filter} />
            )}
            {list && list.rows.length > 0 ? (
              <ListFoot
                shown={list.rows.length}
                newestHref={before ? auditHref(filter, {}) : null}
                olderHref={list.older ? auditHref(filter, { before: list.older }) : null}
              />
            ) : null}
          </TableKeys>
        }
        panel={
          closeHref && decision ? (
            'read' in decision ? (
              <DecisionPanel
                decision={decision.read}
                closeHref={closeHref}
                hrefOf={rowHref}
                place={placeOf(decision.read.id, list?.rows.map(row => row.id) ?? [])}
              />
            ) : (
              <LostPanel why={decision.refused} closeHref={closeHref} />
            )
          ) : null
        }
      />
    </>
  )
}

interface Address {
  decision?: string | undefined
  before?: string | undefined
  hold?: string | undefined
}

function auditHref(filter: RecordFilter, also: Address): string {
  const more = Object.entries(also).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const tail = new URLSearchParams(more).toString()
  return tail ? `${viewHref('/audit', filter)}&${tail}` : viewHref('/audit', filter)
}

function placeOf(id: string, ids: readonly string[]): string | null {
  const at = ids.indexOf(id)
  return at < 0 ? null : `${at + 1} of ${ids.length} shown`
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
