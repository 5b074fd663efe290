import { LockedChip } from '@/components/data-table/locked-chip'
import { Icon } from '@/components/ui/icon'
import type { ConditionView } from '@/lib/audit/queries'

/** What each condition needed and what it found. */
export function ConditionTable({ conditions }: { conditions: readonly ConditionView[] }) {
  return (
    <table className="mt-2 w-full border-collapse text-left text-xs">
      <thead>
        <tr className="text-2xs text-ink-3 [&>th]:h-7 [&>th]:border-b [&>th]:border-line [&>th]:pr-2 [&>th]:font-label [&>th]:whitespace-nowrap">
          <th scope="col">Condition</th>
          <th scope="col">Needs</th>
          <th scope="col">Was</th>
          <th scope="col" className="pr-0! text-right">
            Holds
          </th>
        </tr>
      </thead>
      <tbody>
        {conditions.map(condition => (
          <tr
            key={`${condition.clause}.${condition.path}.${condition.op}.${JSON.stringify(condition.needs)}`}
            className="align-top [&>td]:border-b [&>td]:border-line [&>td]:py-1 [&>td]:pr-2 [&>td]:font-mono"
          >
            <td className="[overflow-wrap:normal]">{condition.path}</td>
            <td className="text-ink-2">
              {condition.op} {plain(condition.needs)}
            </td>
            <td className="min-w-16 font-head">
              {condition.isWithheld ? (
                <LockedChip word="hidden" why="Your roles do not include reading arguments" />
              ) : condition.was === undefined ? (
                <span className="font-sans font-text text-ink-3">missing</span>
              ) : (
                plain(condition.was)
              )}
              {condition.error ? <p className="font-sans font-text text-bad-ink">{condition.error}</p> : null}
            </td>
            <td className="pr-0! text-right">
              <Icon
                name={condition.holds ? 'check' : 'x'}
                small
                label={condition.holds ? 'holds' : 'does not hold'}
                className="ml-auto inline-block"
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const LONGEST = 200

function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
