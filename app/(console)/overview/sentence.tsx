import Link from 'next/link'
import type { ReactNode } from 'react'
import { viewHref } from '@/components/data-table/filter-bar'
import { type RecordFilter, rangeWords, type ShownEffect, withValues } from '@/lib/audit/filter/model'
import type { OverviewView } from '@/lib/audit/queries'

/** What happened, in a sentence whose numbers are ways in. The page's heading. */
export function Sentence({ view, filter }: { view: OverviewView; filter: RecordFilter }) {
  const totals = view.histogram?.totals
  const servers = filter.conditions.find(condition => condition.field === 'server')?.values.join(', ')
  const where = servers ? ` on ${servers}` : ''
  const span = 'preset' in filter.range ? `In the ${rangeWords(filter.range)}` : `From ${rangeWords(filter.range)}`
  if (!totals) return <Say>{span} more calls were decided than can be counted here. Choose a shorter time.</Say>
  const calls = totals.allow + totals.deny + totals.limited + totals.require_approval
  if (calls === 0)
    return (
      <Say>
        {span}, no call was decided{where}.
      </Say>
    )
  const list = (...effects: ShownEffect[]) => viewHref('/audit', withValues(filter, 'effect', effects))
  const refused = totals.deny + totals.limited
  return (
    <Say>
      {span} <Count href={viewHref('/audit', filter)} count={calls} /> {calls === 1 ? 'call was' : 'calls were'} decided
      {where}.{' '}
      {refused === 0 ? (
        'None was refused'
      ) : (
        <>
          <Count href={list('deny', 'limited')} count={refused} /> {refused === 1 ? 'was' : 'were'} refused
        </>
      )}
      {totals.limited > 0 ? (
        <>
          , <Count href={list('limited')} count={totals.limited} /> of them by a limit
        </>
      ) : null}
      {totals.require_approval > 0 ? (
        <>
          , and <Count href={list('require_approval')} count={totals.require_approval} /> asked for a person
        </>
      ) : null}
      .
    </Say>
  )
}

function Say({ children }: { children: ReactNode }) {
  return (
    <h1 className="max-w-[62rem] text-lg font-text leading-[1.65rem] tracking-head text-pretty text-ink-2 md:text-xl md:leading-[1.9rem]">
      {children}
    </h1>
  )
}

function Count({ href, count }: { href: string; count: number }) {
  return (
    <Link
      href={href}
      className="font-strong text-ink tabular-nums underline decoration-line-control decoration-1 underline-offset-5 hover:decoration-accent"
    >
      {count.toLocaleString('en')}
    </Link>
  )
}
