import type { ReactNode } from 'react'
import { LockedChip } from '@/components/data-table/locked-chip'
import { prettyJson } from '@/components/data-table/pretty-json'
import { PanelSection } from '@/components/data-table/split'
import { CopyButton } from '@/components/ui/copy-button'
import { paintJson } from '@/components/ui/paint'
import type { DecisionDetail } from '@/lib/audit/queries'
import { MASK } from '@/lib/audit/secret-shapes'

const MOST_LINES = 400

/** What the call carried, as the record keeps it; where it is not shown, why. */
export function ArgumentsSection({ decision: { arguments: carried, tool } }: { decision: DecisionDetail }) {
  if (carried.state === 'withheld') {
    return (
      <PanelSection title="Arguments">
        <p className="text-ink-2">
          <LockedChip word="hidden" why="Needs the role auditor or owner" /> Your roles do not include reading
          arguments. An auditor or an owner sees them.
        </p>
      </PanelSection>
    )
  }
  if (carried.state === 'not_kept') {
    return tool === null ? null : (
      <PanelSection title="Arguments">
        <p className="text-ink-2">The record keeps none of this call.</p>
      </PanelSection>
    )
  }
  const lines = prettyJson(carried.json)
  const numbered = lines.slice(0, MOST_LINES).map((line, index) => ({ number: index + 1, line }))
  const masked = carried.maskedPaths.length
  return (
    <PanelSection
      title="Arguments"
      end={
        <span className="flex items-center gap-2">
          {masked > 0 ? `${masked} ${masked === 1 ? 'path' : 'paths'} masked` : null}
          <CopyButton text={lines.join('\n')} label="Copy the arguments" wordless />
        </span>
      }
    >
      <section
        aria-label="Arguments as recorded"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 font-mono overflow-auto rounded-2 bg-well px-3.5 py-2.5 text-xs leading-5 whitespace-pre-wrap"
      >
        {numbered.map(({ number, line }) => (
          <span key={number} className="block">
            {paintMasked(line)}
          </span>
        ))}
        {lines.length > MOST_LINES ? (
          <span className="block font-sans text-ink-3">… {lines.length - MOST_LINES} more lines; copy to see all</span>
        ) : null}
      </section>
    </PanelSection>
  )
}

/** A line of JSON with a locked chip in the place of each value, or part of one, that was masked. */
function paintMasked(line: string): ReactNode {
  if (!line.includes(MASK)) return paintJson(line)
  const whole = `"${MASK}"`
  const mark = line.includes(whole) ? whole : MASK
  const at = line.indexOf(mark)
  return (
    <>
      {paintJson(line.slice(0, at))}
      <LockedChip word="masked" why="Replaced before the record was stored" />
      {paintMasked(line.slice(at + mark.length))}
    </>
  )
}
