import type { Metadata } from 'next'
import { ExportMenu } from '@/components/data-table/export-menu'
import { FilterBar, viewHref } from '@/components/data-table/filter-bar'
import { filterChoices } from '@/components/data-table/filter-choices'
import { FilterProblems } from '@/components/data-table/filter-problems'
import { LiveDecisions } from '@/components/data-table/live-decisions'
import { NothingFound } from '@/components/data-table/nothing-found'
import { RangeLinks } from '@/components/data-table/range-links'
import { rhythmOf } from '@/components/data-table/rhythm'
import { Split } from '@/components/data-table/split'
import { TableKeys } from '@/components/data-table/table-keys'
import { PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/empty'
import { isSearch, isSearchField, type RecordFilter, writeFilter } from '@/lib/audit/filter/model'
import { parseFilter, type SearchParameters } from '@/lib/audit/filter/parse'
import {
  type DecisionPage,
  readCallsByEffect,
  readDecision,
  readDecisions,
  readFacets,
  readTailPlace,
} from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { type Actor, can } from '@/lib/auth/model'
import { orRefused } from '../or-refused'
import { ChartStrip } from './chart-strip'
import { DecisionPanel, LostPanel } from './decision-panel'

export const metadata: Metadata = { title: 'Audit' }

const day = { preset: '24h' } as const
/** A search shows what it found after this many milliseconds, and goes on. */
const SHOW_AFTER_MS = 250
const PAGE = 50

export default async function AuditPage({ searchParams }: { searchParams: Promise<SearchParameters> }) {
  const actor = await currentActor()
  const parameters = await searchParams
  const { filter, problems } = parseFilter(parameters, day)
  const [opened, before, hold] = [one(parameters.decision), one(parameters.before), one(parameters.hold)]
  const maySearch = can(actor, 'read.arguments')
  if (isSearch(filter) && !maySearch) return <SearchRefused filter={filter} />
  // Before the rows, so that none is missed between the two.
  const after = await readTailPlace(actor)
  const [page, chart, facets, decision] = await Promise.all([
    orRefused(readDecisions(actor, filter, { before, hold, showAfterMs: SHOW_AFTER_MS })),
    readCallsByEffect(actor, filter),
    readFacets(actor),
    opened ? orRefused(readDecision(actor, opened, { filter })) : undefined,
  ])
  const list = 'read' in page ? page.read : undefined
  const rhythm = before ? null : rhythmOf(filter.range)
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
        tools={
          <>
            <ExportMenu search={writeFilter(filter).toString()} mayExport={can(actor, 'record.export')} />
            <RangeLinks path="/audit" filter={filter} />
          </>
        }
      />
      <FilterBar
        path="/audit"
        filter={filter}
        choices={filterChoices(facets)}
        fallback={day}
        typed={maySearch ? 'args.path:value, tool:name or words' : 'tool:name, identity:name'}
      />
      <FilterProblems problems={problems} />
      <Split
        list={
          <TableKeys closeHref={closeHref}>
            <ChartStrip histogram={chart} filter={filter} />
            {list ? (
              <LiveDecisions
                key={`${writeFilter(filter)} ${before ?? ''}`}
                rows={list.rows}
                until={list.window.to}
                names={facets.policies}
                selected={opened}
                viewHref={viewHref('/audit', filter)}
                older={list.older}
                searchedBackTo={list.searchedBackTo}
                further={searchFurther(actor, filter, list)}
                before={before}
                hold={hold}
                newer={list.newer}
                tailHref={rhythm === null ? null : `/api/record/tail?${writeFilter(filter)}&after=${after}`}
                everyMs={isSearch(filter) ? null : rhythm}
                empty={<NothingFound path="/audit" filter={filter} searchedBackTo={list.searchedBackTo} />}
              />
            ) : 'refused' in page ? (
              <ErrorNote title="This view was not read">{page.refused}</ErrorNote>
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

/** The rest of a page that took long to find, which comes after it. */
function searchFurther(actor: Actor, filter: RecordFilter, { older, searchedBackTo, rows }: DecisionPage) {
  if (!searchedBackTo || !older || rows.length === 0) return undefined
  const options = { before: older, limit: Math.max(1, PAGE - rows.length) }
  return readDecisions(actor, filter, options).then(
    page => ({ rows: page.rows, older: page.older, searchedBackTo: page.searchedBackTo }),
    () => ({ rows: [], older, searchedBackTo }),
  )
}

function SearchRefused({ filter }: { filter: RecordFilter }) {
  const others = filter.conditions.filter(({ field }) => !isSearchField(field))
  return (
    <>
      <PageHead title="Audit" />
      <ErrorNote
        title="Your roles do not include reading arguments"
        actions={
          <LinkButton href={viewHref('/audit', { ...filter, conditions: others })}>
            Show the calls without the search
          </LinkButton>
        }
      >
        A search in arguments tells what is in them. An auditor or an owner can make it.
      </ErrorNote>
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
