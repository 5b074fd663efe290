import { Note } from '@/components/ui/note'
import { Cell } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Time } from '@/components/ui/time'
import type { RetentionView } from '@/lib/audit/queries'

/** How long records are kept, and the signed statements of what was dropped. */
export function Retention({ maintenance, statements, hasMore }: RetentionView) {
  return (
    <Cell title="Retention" note="whole days are dropped, each with a signed statement">
      <p className="text-ink-2">{sentenceOf(maintenance)}</p>
      {maintenance ? (
        <p className="mt-1 text-xs text-ink-3">
          Maintained <Time at={maintenance.ranAt} />
          {maintenance.partitionsUntil
            ? `; partitions are made up to ${maintenance.partitionsUntil.toISOString().slice(0, 10)}`
            : ''}
        </p>
      ) : null}
      {maintenance?.problem ? (
        <Note tone="bad" className="mt-3">
          <span className="wrap-anywhere">{maintenance.problem}</span>
        </Note>
      ) : null}
      {statements.length > 0 ? <Statements statements={statements} hasMore={hasMore} /> : null}
    </Cell>
  )
}

function sentenceOf(maintenance: RetentionView['maintenance']): string {
  if (!maintenance) return 'No maintenance has run yet; npm start runs one after its start and every six hours.'
  const days = maintenance.retentionDays
  if (days === null) return 'Records are kept for ever. RETENTION_DAYS sets for how many days they are.'
  return `Records are kept for ${days.toLocaleString('en')} days; numbers by the hour stay.`
}

function Statements({ statements, hasMore }: Pick<RetentionView, 'statements' | 'hasMore'>) {
  return (
    <div className="mt-3 -mx-4 border-t border-line md:-mx-5">
      <Table aria-label="Statements of retention" className="md:[&_tr>:first-child]:pl-5! md:[&_tr>:last-child]:pr-5!">
        <thead>
          <tr>
            <Th>Statement</Th>
            <Th>Day</Th>
            <Th end>Decisions</Th>
            <Th end>Outcomes</Th>
            <Th className="max-md:hidden">Signed</Th>
            <Th className="max-md:hidden">By key</Th>
          </tr>
        </thead>
        <tbody>
          {statements.map(({ number, time, from, decisions, outcomes, key }) => (
            <Tr key={number}>
              <Td mono>{number}</Td>
              <Td mono>{from.toISOString().slice(0, 10)}</Td>
              <Td end>{decisions.toLocaleString('en')}</Td>
              <Td end>{outcomes.toLocaleString('en')}</Td>
              <Td className="max-md:hidden">
                <Time at={time} />
              </Td>
              <Td mono className="max-md:hidden">
                <span title={key}>{key.slice(0, 8)}…</span>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {hasMore ? (
        <p className="border-t border-line px-5 py-2 text-xs text-ink-3">Older ones stand in every export.</p>
      ) : null}
    </div>
  )
}
