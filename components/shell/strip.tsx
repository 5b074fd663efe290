import type { ReactNode } from 'react'
import { Health, type HealthState } from '@/components/ui/health'
import { clockTime, fullInstant } from '@/components/ui/when'
import type { StripView } from '@/lib/audit/queries'

/** What was learned when the strip last asked. */
export type StripAnswer = { state: 'known'; view: StripView } | { state: 'away' } | { state: 'signed-out' }

/** The strip at the foot of the console. It never leaves: it says what proxies do right now. */
export function Strip({ answer }: { answer: StripAnswer }) {
  return (
    <section
      aria-label="What is in force"
      className="sticky bottom-0 z-bar col-span-full flex h-strip items-center gap-4 overflow-hidden border-t border-line-strong bg-paper px-4 font-mono text-2xs whitespace-nowrap text-ink-2 md:gap-5 md:px-5 print:hidden [&_b]:font-label [&_b]:text-ink"
    >
      {answer.state === 'known' ? <InForce view={answer.view} /> : null}
      {answer.state === 'away' ? (
        <Part state="warn">the database does not answer; proxies go on with what they have</Part>
      ) : null}
      {answer.state === 'signed-out' ? (
        <Part state="warn">
          <span>
            your session has ended;{' '}
            <a href="/sign-in" target="_blank" rel="noreferrer" className="text-accent-ink underline">
              sign in
            </a>{' '}
            in another tab, then go on here
          </span>
        </Part>
      ) : null}
    </section>
  )
}

function InForce({ view }: { view: StripView }) {
  const { revision, activatedAt, auditGap, shipLagMs, addedMs } = view
  const [state, words] = agreement(view)
  return (
    <>
      <Part state={revision === null ? 'warn' : 'ok'}>
        {revision === null ? (
          <span>
            <b>no policy</b>, every call is denied
          </span>
        ) : (
          <span>
            <b>r{revision}</b> in force
          </span>
        )}
      </Part>
      <Part state={state}>{words}</Part>
      {activatedAt ? (
        <Part wide>
          <span title={fullInstant(new Date(activatedAt))}>activated {clockTime(new Date(activatedAt))}</span>
        </Part>
      ) : null}
      {shipLagMs === null ? null : (
        <Part wide>
          <span>
            lag <b>{(shipLagMs / 1_000).toFixed(1)}&thinsp;s</b>
          </span>
        </Part>
      )}
      <Part wide={auditGap === 0} state={auditGap > 0 ? 'warn' : 'none'}>
        <span>
          gaps <b>{auditGap.toLocaleString('en')}</b>
        </span>
      </Part>
      <span className="ml-auto hidden text-ink-3 md:inline">
        {addedMs === null ? null : (
          <>
            added p50 <b>{milliseconds(addedMs.p50)}</b>&ensp;p99 <b>{milliseconds(addedMs.p99)}</b>
          </>
        )}
      </span>
      <span className="hidden text-ink-3 md:inline">UTC</span>
    </>
  )
}

/** What is wrong comes first: no proxy, silent ones, or ones with another revision. */
function agreement({ revision, proxies, agreeing, late }: StripView): [HealthState | 'none', string] {
  if (proxies === 0) return ['bad', late > 0 ? `${late} silent, none reports` : 'no proxy reports']
  const word = proxies === 1 ? 'proxy' : 'proxies'
  if (revision !== null && agreeing < proxies) return ['warn', `${agreeing} of ${proxies} ${word} agree`]
  if (late > 0) return ['warn', `${proxies} of ${proxies + late} report`]
  return ['none', `${proxies} of ${proxies} ${word}`]
}

function Part({
  state = 'none',
  wide = false,
  children,
}: {
  state?: HealthState | 'none'
  wide?: boolean
  children: ReactNode
}) {
  return (
    <span className={wide ? 'hidden items-center gap-1.5 md:inline-flex' : 'inline-flex items-center gap-1.5'}>
      {state === 'none' ? null : <Health state={state} />}
      {children}
    </span>
  )
}

function milliseconds(value: number): string {
  return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)}\u2009ms`
}
