import { Health, type HealthState } from '@/components/ui/health'
import { Time } from '@/components/ui/time'
import type { SinkView } from '@/lib/audit/sinks/queries'

const looks: Record<SinkView['state'], { state: HealthState; words: string }> = {
  running: { state: 'ok', words: 'running' },
  paused: { state: 'warn', words: 'paused' },
  failing: { state: 'bad', words: 'failing' },
}

/** Whether a sink does what it is for, as a shape and a word; without a forwarder none does. */
export function SinkState({ sink, isForwarding }: { sink: SinkView; isForwarding: boolean }) {
  const isWaiting = !isForwarding && sink.state !== 'paused'
  const { state, words } = isWaiting ? { state: 'warn' as const, words: 'waiting' } : looks[sink.state]
  return (
    <span className="inline-flex items-center gap-2">
      <Health state={state} />
      {words}
    </span>
  )
}

/** How far a sink is behind, and since when. */
export function SinkLag({ sink: { behind, oldestUnsentAt } }: { sink: SinkView }) {
  if (behind === null) return <span className="text-ink-3">not known</span>
  if (behind === 0) return <span className="text-ink-3">none</span>
  return (
    <>
      {behind.toLocaleString('en')}
      {oldestUnsentAt ? (
        <span className="text-ink-3">
          {' '}
          since <Time at={oldestUnsentAt} />
        </span>
      ) : null}
    </>
  )
}
