import { DecisionTable } from '@/components/data-table/decision-table'
import { viewHref } from '@/components/data-table/filter-bar'
import { TextLink } from '@/components/ui/text-link'
import { type RecordFilter, withValues } from '@/lib/audit/filter/model'
import type { DecisionPage } from '@/lib/audit/queries'

/** The refused calls one by one, newest first; each opens in the audit. */
export function NewestCalls({
  page,
  filter,
  names,
}: {
  page: DecisionPage
  filter: RecordFilter
  names: Readonly<Record<string, string>>
}) {
  const listHref = viewHref('/audit', withValues(filter, 'effect', ['deny', 'limited']))
  return (
    <section aria-labelledby="newest-refused">
      <div className="flex h-11 items-center gap-3 border-b border-line bg-paper px-4 md:px-6">
        <h2 id="newest-refused" className="font-head">
          Newest refused calls
        </h2>
        <TextLink href={listHref} className="ml-auto text-xs">
          All in Audit
        </TextLink>
      </div>
      <DecisionTable
        rows={page.rows}
        until={page.window.to}
        names={names}
        hrefOf={id => `${listHref}&decision=${id}`}
      />
    </section>
  )
}
