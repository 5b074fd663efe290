import { RankBars } from '@/components/charts/rank-bars'
import { viewHref } from '@/components/data-table/filter-bar'
import { Cell } from '@/components/ui/sheet'
import { type FilterCondition, type RecordFilter, withValues } from '@/lib/audit/filter/model'
import type { IdentityRank, Ranking, ToolRank } from '@/lib/audit/queries'

export function ToolsCell({ tools, filter }: { tools: Ranking<ToolRank>; filter: RecordFilter }) {
  return (
    <Cell span={3} title="Top tools" note={sampleNote(tools)}>
      <ToolBars tools={tools} filter={filter} />
      <Nobody rows={tools.rows} words="No tool was called." />
    </Cell>
  )
}

export function RefusedToolsCell({ tools, filter }: { tools: Ranking<ToolRank>; filter: RecordFilter }) {
  return (
    <Cell span={3} title="Most refused tools" note={sampleNote(tools)}>
      <ToolBars tools={tools} filter={withValues(filter, 'effect', ['deny', 'limited'])} />
      <Nobody rows={tools.rows} words="Nothing was refused." />
    </Cell>
  )
}

/** Each number leads to the calls that it counts. */
function ToolBars({ tools, filter }: { tools: Ranking<ToolRank>; filter: RecordFilter }) {
  return (
    <RankBars
      entries={tools.rows.map(({ server, tool, count }) => ({
        key: `${server} ${tool}`,
        label: (
          <span title={`${tool} on ${server}`}>
            <span className="font-mono text-xs">{tool}</span> <span className="text-xs text-ink-3">{server}</span>
          </span>
        ),
        count,
        href: viewHref('/audit', withValues(withValues(filter, 'server', [server]), 'tool', [tool])),
      }))}
    />
  )
}

export function IdentitiesCell({ identities, filter }: { identities: Ranking<IdentityRank>; filter: RecordFilter }) {
  const of = (identity: string | null): FilterCondition => ({
    field: 'identity',
    operator: 'is',
    values: [identity ?? ''],
  })
  return (
    <Cell span={3} title="Top identities" note={sampleNote(identities)}>
      <RankBars
        entries={identities.rows.map(({ identity, count }) => ({
          key: identity ?? '',
          label: identity ?? <span className="text-ink-2">unknown</span>,
          count,
          href: viewHref('/audit', { ...filter, conditions: [...filter.conditions, of(identity)] }),
        }))}
      />
      <Nobody rows={identities.rows} words="Nobody called." />
    </Cell>
  )
}

function sampleNote({ sampled }: Ranking<unknown>): string | undefined {
  return sampled ? `of the newest ${sampled.toLocaleString('en')} calls` : undefined
}

function Nobody({ rows, words }: { rows: readonly unknown[]; words: string }) {
  return rows.length === 0 ? <p className="text-xs text-ink-2">{words}</p> : null
}
