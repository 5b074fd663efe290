import { CodeBlock } from '@/components/ui/code-block'
import { Empty } from '@/components/ui/empty'
import { Time } from '@/components/ui/time'
import type { QuarantinedRow, QuarantineView } from '@/lib/audit/queries'

/** What Postgres refused, and why; each with its text for who may read arguments. */
export function QuarantineList({ count, hasMore, rows }: QuarantineView) {
  if (rows.length === 0)
    return (
      <Empty title="Nothing is in quarantine">
        <p>Every record that reached Postgres stands in its table.</p>
      </Empty>
    )
  return (
    <>
      <p className="border-b border-line px-4 py-2 text-xs text-ink-3">
        {hasMore ? 'More than ' : ''}
        {count.toLocaleString('en')} in all
        {count > rows.length ? `, the newest ${rows.length} shown` : ''}. None is lost: exports and verification take
        them along.
      </p>
      <ul>
        {rows.map(row => (
          <Quarantined key={row.digest} row={row} />
        ))}
      </ul>
    </>
  )
}

function Quarantined({ row: { kind, error, receivedAt, chain, sequence, record } }: { row: QuarantinedRow }) {
  return (
    <li className="border-b border-line px-4 py-2.5 last:border-b-0">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="font-label">{kind}</span>
        <span className="text-ink-2 wrap-anywhere">{error}</span>
        <span className="ml-auto text-xs text-ink-3">
          <Time at={receivedAt} />
        </span>
      </div>
      <p className="mt-0.5 font-mono text-2xs text-ink-3 wrap-anywhere">
        {chain === null ? 'no place in a chain' : `number ${sequence?.toLocaleString('en')} of chain ${chain}`}
      </p>
      {record === null ? null : (
        <details className="mt-1.5">
          <summary className="cursor-pointer text-xs text-accent-ink underline underline-offset-3">The record</summary>
          <CodeBlock
            text={record}
            language="plain"
            numbers={false}
            well
            wrap
            label="The record as it was refused"
            className="mt-1.5 rounded-2 px-3"
          />
        </details>
      )}
    </li>
  )
}
