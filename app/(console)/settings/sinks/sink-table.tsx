import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { sinkKinds } from '@/lib/audit/sinks/model'
import type { SinksView, SinkView } from '@/lib/audit/sinks/queries'
import { SinkLag, SinkState } from './sink-state'

/** Every sink with where it leads, how far it is, and what it last complained of. */
export function SinkTable({ sinks, isForwarding }: SinksView) {
  return (
    <Table tall aria-label="Sinks">
      <thead>
        <tr>
          <Th>Sink</Th>
          <Th>Kind</Th>
          <Th>State</Th>
          <Th>Waiting</Th>
          <Th end>Sent</Th>
          <Th>Last sent</Th>
          <Th>Last complaint</Th>
        </tr>
      </thead>
      <tbody>
        {sinks.map(sink => (
          <Tr key={sink.name}>
            <Td>
              <SinkLink name={sink.name} />
              <span className="block max-w-72 truncate text-xs text-ink-3" title={sink.target}>
                {sink.target}
              </span>
            </Td>
            <Td className="text-ink-2">{sinkKinds[sink.kind].title}</Td>
            <Td>
              <SinkState sink={sink} isForwarding={isForwarding} />
            </Td>
            <Td className="tabular-nums">
              <SinkLag sink={sink} />
            </Td>
            <Td end>{sink.sent.toLocaleString('en')}</Td>
            <Td className="text-ink-2">{sink.lastSentAt ? <Time at={sink.lastSentAt} /> : 'Nothing yet'}</Td>
            <Td className="max-w-80 py-1.5 whitespace-normal!">
              <Complaint sink={sink} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Two lines each, where the window is narrow. */
export function NarrowSinks({ sinks, isForwarding }: SinksView) {
  return (
    <ul aria-label="Sinks" className="md:hidden">
      {sinks.map(sink => (
        <li key={sink.name} className="border-b border-line px-4 py-2.5 last:border-b-0">
          <div className="flex items-center gap-2.5">
            <span className="cut flex-1">
              <SinkLink name={sink.name} />
            </span>
            <SinkState sink={sink} isForwarding={isForwarding} />
          </div>
          <div className="mt-1 flex flex-wrap gap-x-3 text-xs text-ink-2 tabular-nums">
            <span>{sinkKinds[sink.kind].title}</span>
            <span>
              waiting <SinkLag sink={sink} />
            </span>
            <span>{sink.sent.toLocaleString('en')} sent</span>
          </div>
          {sink.state === 'failing' ? (
            <div className="mt-1">
              <Complaint sink={sink} />
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

function SinkLink({ name }: { name: string }) {
  return (
    <TextLink href={`/settings/sinks/${name}`} className="font-mono text-xs font-label text-ink!">
      {name}
    </TextLink>
  )
}

/** What went wrong last, and when; plain once records go out again. */
export function Complaint({ sink: { lastError, lastErrorAt, missing, state } }: { sink: SinkView }) {
  if (lastError === null && missing === 0) return <span className="text-ink-3">none</span>
  return (
    <span className={`text-xs wrap-anywhere ${state === 'failing' ? 'text-bad-ink' : 'text-ink-2'}`}>
      {missing > 0 ? <b className="font-head text-bad-ink">{missing.toLocaleString('en')} were never sent. </b> : null}
      {lastErrorAt ? (
        <>
          <Time at={lastErrorAt} />:{' '}
        </>
      ) : null}
      {lastError}
    </span>
  )
}
