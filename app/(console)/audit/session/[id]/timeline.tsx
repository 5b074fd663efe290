import Link from 'next/link'
import { duration, lookOf } from '@/components/data-table/effect-looks'
import { EffectBadge } from '@/components/ui/effect-badge'
import { Instant } from '@/components/ui/time'
import type { DecisionRow, SessionView } from '@/lib/audit/queries'

/** A session in order: when each call came, what was decided, and how long it took beside the longest. */
export function Timeline({ view: { calls, first } }: { view: SessionView }) {
  const longest = Math.max(1, ...calls.map(call => call.outcome?.durationMs ?? 0))
  return (
    <ol aria-label="Calls of the session">
      {calls.map((call, index) => (
        <li
          key={call.id}
          className="relative grid min-h-9 grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-4 py-1.5 text-xs focus-within:bg-hover hover:bg-hover md:grid-cols-[112px_76px_88px_minmax(0,1fr)_minmax(0,14rem)_136px] md:px-6"
        >
          <span className="text-ink-2 max-md:order-3 max-md:col-span-3">
            <Instant at={call.time} show="clock" />
            <span className="ml-2 text-ink-3 md:hidden">{sinceWords(call, calls[index - 1], first)}</span>
          </span>
          <span className="text-right text-ink-3 tabular-nums max-md:hidden">
            {sinceWords(call, calls[index - 1], first)}
          </span>
          <span className="max-md:order-first">
            <EffectBadge effect={lookOf(call.effect)} />
          </span>
          <span className="cut font-mono font-label">
            <Link
              href={`/audit?decision=${call.id}&range=30d`}
              className="underline-offset-3 after:absolute after:inset-0 hover:underline"
            >
              {call.tool ?? call.method}
            </Link>{' '}
            <span className="font-text text-ink-3">{call.server}</span>
          </span>
          <span className="cut text-ink-2 max-md:hidden">{call.rule ?? call.code}</span>
          <Took call={call} longest={longest} />
        </li>
      ))}
    </ol>
  )
}

/** Since the call before it; of the first one of a later page, since the session began. */
function sinceWords(call: DecisionRow, before: DecisionRow | undefined, first: Date): string {
  const sinceMs = call.time.getTime() - (before?.time ?? first).getTime()
  return sinceMs === 0 ? '' : `+ ${duration(sinceMs)}`
}

function Took({ call: { effect, outcome }, longest }: { call: DecisionRow; longest: number }) {
  if (effect !== 'allow') return <span className="text-right text-ink-3">not sent</span>
  if (outcome === null) return <span className="text-right text-ink-3">no outcome yet</span>
  if (outcome.durationMs === null) return <span className="text-right text-warn-ink">{outcome.kind}</span>
  const share = Math.max(1, (outcome.durationMs / longest) * 100)
  return (
    <span className="flex items-center justify-end gap-2 tabular-nums">
      <svg aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none" className="h-1 w-14 max-md:hidden">
        <rect width="100" height="4" className="fill-well" />
        <rect width={share} height="4" className="fill-allow-quiet" />
      </svg>
      <span className={outcome.isError || outcome.kind === 'error' ? 'text-bad-ink' : 'text-ink-2'}>
        {outcome.isError || outcome.kind === 'error' ? 'error ' : ''}
        {duration(outcome.durationMs)}
      </span>
    </span>
  )
}
