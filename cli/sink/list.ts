import type { SinksView, SinkView } from '@/lib/audit/sinks/queries'
import { showMoment } from '../moment'
import { toTable } from '../output'

const head = ['NAME', 'KIND', 'TARGET', 'STATE', 'BEHIND', 'LAG', 'SENT', 'MISSING', 'LAST SENT']

export function saySinks({ sinks, isForwarding }: SinksView, nowMs: number): string {
  if (sinks.length === 0)
    return 'No sinks yet. Next: intercept sink add NAME webhook --set url=… --secret signingSecret=…\n'
  const rows = sinks.map(sink => [
    sink.name,
    sink.kind,
    sink.target,
    sink.state,
    sink.behind === null ? '?' : String(sink.behind),
    lagOf(sink, nowMs),
    String(sink.sent),
    String(sink.missing),
    showMoment(sink.lastSentAt, 'never'),
  ])
  const complaints = sinks
    .filter(sink => sink.state === 'failing')
    .map(({ name, lastError }) => `${name}: ${lastError}\n`)
    .join('')
  const idle = isForwarding ? '' : 'No forwarder runs: nothing is sent. Start `intercept audit forward`.\n'
  return `${toTable(head, rows)}${complaints}${idle}`
}

function lagOf({ oldestUnsentAt }: SinkView, nowMs: number): string {
  return oldestUnsentAt === null ? '-' : `${Math.max(0, Math.round((nowMs - oldestUnsentAt.getTime()) / 1000))} s`
}
