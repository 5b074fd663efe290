import { Health, type HealthState } from '@/components/ui/health'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Time } from '@/components/ui/time'
import type { ProxyEvidence } from '@/lib/audit/queries'

/** Every proxy with its newest checkpoint, and where that is kept. */
export function CheckpointTable({ proxies }: { proxies: readonly ProxyEvidence[] }) {
  return (
    <Table tall aria-label="Checkpoints">
      <thead>
        <tr>
          <Th>Proxy</Th>
          <Th>State</Th>
          <Th>Newest checkpoint</Th>
          <Th end>Number</Th>
          <Th end>Not signed yet</Th>
          <Th>Kept outside</Th>
          <Th>Time-stamped</Th>
        </tr>
      </thead>
      <tbody>
        {proxies.map(proxy => (
          <Tr key={proxy.name}>
            <Td mono>{proxy.name}</Td>
            <Td>
              <SigningHealth proxy={proxy} />
            </Td>
            <Td>
              <Newest proxy={proxy} />
            </Td>
            <Td end>{proxy.checkpoint ? proxy.checkpoint.sequence.toLocaleString('en') : <Nothing />}</Td>
            <Td end>
              {proxy.unsigned === null ? (
                <span className="text-ink-3">not known</span>
              ) : (
                proxy.unsigned.toLocaleString('en')
              )}
            </Td>
            <Td className="max-w-96 py-1.5 whitespace-normal!">
              <Places proxy={proxy} />
            </Td>
            <Td className="max-w-72 py-1.5 whitespace-normal!">
              <Stamps proxy={proxy} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Some lines each, where the window is narrow. */
export function NarrowCheckpoints({ proxies }: { proxies: readonly ProxyEvidence[] }) {
  return (
    <ul aria-label="Checkpoints" className="md:hidden">
      {proxies.map(proxy => (
        <li key={proxy.name} className="border-b border-line px-4 py-2.5 last:border-b-0">
          <div className="flex items-center gap-2.5">
            <span className="cut flex-1 font-mono text-xs font-label">{proxy.name}</span>
            <SigningHealth proxy={proxy} />
          </div>
          <div className="mt-1 flex flex-wrap items-center gap-x-3 text-xs text-ink-2 tabular-nums">
            <Newest proxy={proxy} />
            {proxy.checkpoint ? <span>number {proxy.checkpoint.sequence.toLocaleString('en')}</span> : null}
            {proxy.unsigned ? <span>{proxy.unsigned.toLocaleString('en')} not signed yet</span> : null}
          </div>
          <div className="mt-1">
            <Places proxy={proxy} />
          </div>
        </li>
      ))}
    </ul>
  )
}

function Nothing() {
  return <span className="text-ink-3">none yet</span>
}

function Newest({ proxy: { checkpoint } }: { proxy: ProxyEvidence }) {
  if (!checkpoint) return <Nothing />
  return (
    <>
      <Time at={checkpoint.time} />
      <span
        className="block max-w-44 truncate font-mono text-2xs text-ink-3 max-md:hidden"
        title={`chain ${checkpoint.chain}`}
      >
        {checkpoint.chain}
      </span>
    </>
  )
}

/** Whether a proxy's chain is signed and kept as it should be, as a shape and a word. */
function SigningHealth({ proxy }: { proxy: ProxyEvidence }) {
  const { state, words } = healthOf(proxy)
  return (
    <span className="inline-flex items-center gap-2">
      <Health state={state} />
      {words}
    </span>
  )
}

function healthOf({ state, sinks, stamps, checkpoint }: ProxyEvidence): { state: HealthState; words: string } {
  if (sinks?.some(({ problem }) => problem !== null)) return { state: 'bad', words: 'a place fails' }
  if (state === 'stopped' || state === 'unheard') return { state: 'warn', words: 'stopped' }
  if (state === 'late') return { state: 'bad', words: 'silent' }
  if (stamps?.problem) return { state: 'warn', words: 'not time-stamped' }
  if (sinks?.length === 0) return { state: 'warn', words: 'kept inside only' }
  return { state: 'ok', words: checkpoint ? 'signed and kept' : 'nothing to sign yet' }
}

function Places({ proxy: { sinks } }: { proxy: ProxyEvidence }) {
  if (sinks === null || sinks.length === 0)
    return <span className="text-xs text-ink-3">{sinks === null ? 'not known' : 'nowhere'}</span>
  return (
    <ul className="flex flex-col gap-0.5 text-xs">
      {sinks.map(({ name, waiting, dropped, keptAt, problem }) => (
        <li key={name} className="wrap-anywhere">
          {name}
          <span className="text-ink-3">
            {keptAt ? (
              <>
                {', '}
                <Time at={keptAt} />
              </>
            ) : (
              ', nothing since its start'
            )}
            {waiting > 0 ? `, ${waiting.toLocaleString('en')} waiting` : ''}
            {dropped > 0 ? `, ${dropped.toLocaleString('en')} given up` : ''}
          </span>
          {problem ? <span className="block text-bad-ink">{problem}</span> : null}
        </li>
      ))}
    </ul>
  )
}

function Stamps({ proxy: { stamps } }: { proxy: ProxyEvidence }) {
  if (stamps === null) return <span className="text-xs text-ink-3">no authority is set</span>
  return (
    <span className="text-xs">
      {stamps.stampedAt ? <Time at={stamps.stampedAt} /> : <Nothing />}
      {stamps.problem ? <span className="block wrap-anywhere text-bad-ink">{stamps.problem}</span> : null}
    </span>
  )
}
