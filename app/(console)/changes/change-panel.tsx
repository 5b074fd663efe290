import Link from 'next/link'
import { Panel, PanelSection } from '@/components/data-table/split'
import { CodeBlock, type CodeLine } from '@/components/ui/code-block'
import { ErrorNote } from '@/components/ui/empty'
import { KeyValue } from '@/components/ui/key-value'
import { Instant } from '@/components/ui/time'
import type { ChangeDetail, ChangeFilter } from '@/lib/audit/queries'
import { deedOf } from './deed'
import { differenceOf, type FieldChange, unchangedCount } from './difference'
import { placeOf } from './place'

/** One change: who did what to which thing, what was and what is. */
export function ChangePanel({
  change,
  closeHref,
  hrefOf,
  filterHref,
}: {
  change: ChangeDetail
  closeHref: string
  hrefOf: (id: string) => string
  filterHref: (filter: ChangeFilter) => string
}) {
  const differences = differenceOf(change.before, change.after)
  const unchanged = unchangedCount(change.before, change.after)
  const place = placeOf(change)
  return (
    <Panel
      label="Change"
      closeHref={closeHref}
      newerHref={change.newer && hrefOf(change.newer)}
      olderHref={change.older && hrefOf(change.older)}
    >
      <PanelSection>
        <div className="mb-3 flex items-center gap-2">
          <span className="font-mono text-xs text-ink-2">{change.action}</span>
          <span className="ml-auto text-ink-2">
            <Instant at={change.time} />
          </span>
        </div>
        <p className="text-md leading-[1.375rem]">
          <b>{change.actor}</b> {deedOf(change.action)} <b>{change.label}</b>.
        </p>
      </PanelSection>
      <PanelSection
        title="What changed"
        end={unchanged > 0 ? `${unchanged} ${unchanged === 1 ? 'field stays' : 'fields stay'}` : undefined}
      >
        {differences.length === 0 ? <p className="text-ink-2">The record holds no fields of it.</p> : null}
        <div className="flex flex-col gap-3">
          {differences.map(difference => (
            <Difference key={difference.field} difference={difference} />
          ))}
        </div>
      </PanelSection>
      <PanelSection title="Record">
        <KeyValue
          items={[
            [
              'Id',
              <span key="id" className="font-mono">
                {change.id}
              </span>,
            ],
            [
              'Time',
              <span key="time" className="font-mono">
                {change.time.toISOString()}
              </span>,
            ],
            ['Who', <FilterLink key="actor" href={filterHref({ actor: change.actor })} text={change.actor} />],
            ['Through', doors[change.actorKind] ?? change.actorKind],
            ['From', change.source || undefined],
            [
              'Action',
              <FilterLink key="action" href={filterHref({ action: change.action })} text={change.action} mono />,
            ],
            ['Thing', place ? <FilterLink key="thing" href={place} text={change.label} /> : change.label],
          ]}
        />
      </PanelSection>
    </Panel>
  )
}

/** The address names a change that is not there. */
export function LostChange({ why, closeHref }: { why: string; closeHref: string }) {
  return (
    <Panel label="Change" closeHref={closeHref}>
      <ErrorNote title="No such change">{why}</ErrorNote>
    </Panel>
  )
}

const doors: Record<string, string> = { member: 'the console', cli: 'the command line', seed: 'the first start' }

function FilterLink({ href, text, mono = false }: { href: string; text: string; mono?: boolean }) {
  return (
    <Link href={href} className={`text-accent-ink underline-offset-3 hover:underline ${mono ? 'font-mono' : ''}`}>
      {text}
    </Link>
  )
}

function Difference({ difference: { field, before, after } }: { difference: FieldChange }) {
  const removed: CodeLine[] = linesOf(before).map(text => ({ text, mark: 'removed' }))
  const added: CodeLine[] = linesOf(after).map(text => ({ text, mark: 'added' }))
  return (
    <div>
      <h3 className="mb-1 font-mono text-xs font-label">{field}</h3>
      <CodeBlock
        lines={[...removed, ...added]}
        language="json"
        numbers={false}
        wrap
        label={`${field}, before and after`}
        className="rounded-2 edge-strong"
      />
    </div>
  )
}

const MOST_LINES = 200

function linesOf(text: string | null): string[] {
  return text === null ? [] : text.split('\n').slice(0, MOST_LINES)
}
