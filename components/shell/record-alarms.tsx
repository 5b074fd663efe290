import { Note } from '@/components/ui/note'
import { TextLink } from '@/components/ui/text-link'
import type { ProxyAlarm } from '@/lib/audit/queries'

const MOST_NAMED = 4

/** Above every page while a proxy's record has a fault: which proxy, what of the promise still holds, what to do. */
export function RecordAlarms({ alarms }: { alarms: readonly ProxyAlarm[] }) {
  if (alarms.length === 0) return null
  return (
    <section aria-label="Faults in the record" className="flex flex-col gap-2 px-4 pt-4 md:px-6 print:hidden">
      {alarms.slice(0, MOST_NAMED).map(alarm => (
        <Note key={alarm.proxy} tone="bad">
          <ul className="flex flex-col gap-1">
            {sentences(alarm).map(([sentence, command]) => (
              <li key={sentence}>
                <b className="font-mono font-label">{alarm.proxy}</b> {sentence}
                {command ? <code className="literal">{command}</code> : null}
              </li>
            ))}
          </ul>
        </Note>
      ))}
      {alarms.length > MOST_NAMED ? (
        <p className="text-ink-2">
          And {alarms.length - MOST_NAMED} more; see <TextLink href="/proxies">Proxies</TextLink>.
        </p>
      ) : null}
    </section>
  )
}

function sentences({ auditGap, quarantined, damagedLines }: ProxyAlarm): [sentence: string, command?: string][] {
  const all: [number, string, string?][] = [
    [
      auditGap,
      `could not record ${count(auditGap, 'decision')} since its start. Calls among them were refused; denials stood, and are missing here. Look at the disk of its spool: room, rights, and the proxy’s own log.`,
    ],
    [
      quarantined,
      `holds ${count(quarantined, 'record')} that Postgres refused. None is lost: each is whole in quarantine. Read there why it was refused.`,
    ],
    [
      damagedLines,
      `found ${count(damagedLines, 'line')} of its spool damaged and left them out. A crash leaves one at most; more mean a failing disk or a changed file. Run `,
      'intercept audit verify',
    ],
  ]
  return all.flatMap(([number, ...words]) => (number > 0 ? [words] : []))
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
