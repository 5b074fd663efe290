import type { Metadata } from 'next'
import { LinkMenu } from '@/components/data-table/link-menu'
import { ListFoot } from '@/components/data-table/list-foot'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { Split } from '@/components/data-table/split'
import { TableKeys } from '@/components/data-table/table-keys'
import { PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import { Empty } from '@/components/ui/empty'
import type { SearchParameters } from '@/lib/audit/filter/parse'
import { type ChangeFilter, readChange, readChanges } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { orRefused } from '../or-refused'
import { ChangePanel, LostChange } from './change-panel'
import { ChangeTable } from './change-table'

export const metadata: Metadata = { title: 'Changes' }

/** How often the page reads itself anew, in milliseconds. */
const EVERY_MS = 5_000

const entities = ['policy', 'server', 'identity', 'key', 'grant', 'member'] as const
const LONGEST = 200

export default async function ChangesPage({ searchParams }: { searchParams: Promise<SearchParameters> }) {
  const actor = await currentActor()
  const parameters = await searchParams
  const filter: ChangeFilter = {
    entity: one(parameters.entity),
    action: one(parameters.action),
    actor: one(parameters.actor),
  }
  const [before, opened] = [one(parameters.before), one(parameters.change)]
  const [page, change] = await Promise.all([
    readChanges(actor, filter, { before }),
    opened ? orRefused(readChange(actor, opened, filter)) : undefined,
  ])
  const href = (next: ChangeFilter, also: Record<string, string | undefined> = {}) => changesHref({ ...next, ...also })
  const rowHref = (id: string) => href(filter, { before, change: id })
  const closeHref = href(filter, { before })

  return (
    <>
      {before ? null : <LiveRefresh everyMs={EVERY_MS} />}
      <PageHead
        title="Changes"
        facts="What was changed in the console and by the command line, by whom, newest first. Times are UTC."
        tools={
          <LinkMenu
            words={filter.entity ? `Only ${filter.entity}` : 'Everything'}
            choices={[
              { words: 'Everything', href: href({ ...filter, entity: undefined }) },
              ...entities.map(entity => ({ words: `Only ${entity}`, href: href({ ...filter, entity }) })),
            ]}
          />
        }
      />
      <Chips filter={filter} href={href} />
      <Split
        list={
          <TableKeys closeHref={opened ? closeHref : undefined}>
            {page.rows.length > 0 ? (
              <>
                <ChangeTable rows={page.rows} selected={opened} hrefOf={rowHref} />
                <ListFoot
                  shown={page.rows.length}
                  newestHref={before ? href(filter) : null}
                  olderHref={page.older ? href(filter, { before: page.older }) : null}
                />
              </>
            ) : (
              <Nothing isFiltered={Object.values(filter).some(Boolean)} />
            )}
          </TableKeys>
        }
        panel={
          change ? (
            'read' in change ? (
              <ChangePanel change={change.read} closeHref={closeHref} hrefOf={rowHref} filterHref={href} />
            ) : (
              <LostChange why={change.refused} closeHref={closeHref} />
            )
          ) : null
        }
      />
    </>
  )
}

function Chips({ filter, href }: { filter: ChangeFilter; href: (next: ChangeFilter) => string }) {
  const fields = (['entity', 'action', 'actor'] as const).filter(field => filter[field])
  if (fields.length === 0) return null
  return (
    <div className="flex gap-1.5 overflow-x-auto px-4 pb-3 [scrollbar-width:none] md:px-6">
      {fields.map(field => (
        <Chip
          key={field}
          field={field}
          operator="is"
          value={filter[field]}
          removeHref={href({ ...filter, [field]: undefined })}
        />
      ))}
    </div>
  )
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty
      title="No change matches these filters"
      actions={<LinkButton href="/changes">See every change</LinkButton>}
    />
  ) : (
    <Empty title="Nothing was changed yet" actions={<LinkButton href="/servers">Servers</LinkButton>}>
      <p>Publishing a policy, issuing a key, a grant, a server: each leaves a line here, with what was and what is.</p>
    </Empty>
  )
}

function changesHref(parameters: Record<string, string | undefined>): string {
  const said = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const search = new URLSearchParams(said).toString()
  return search ? `/changes?${search}` : '/changes'
}

function one(value: string | string[] | undefined): string | undefined {
  const [first] = [value].flat()
  return first?.slice(0, LONGEST)
}
