import type { ReactNode } from 'react'

export type HealthState = 'ok' | 'warn' | 'bad'

const shapes: Record<HealthState, ReactNode> = {
  ok: <circle cx="4" cy="4" r="3.5" className="fill-ok" />,
  warn: <path d="M4 .9 7.1 4 4 7.1.9 4Z" className="fill-none stroke-warn" strokeWidth={1.6} />,
  bad: <path d="M2.4.2h3.2l2.2 2.2v3.2L5.6 7.8H2.4L.2 5.6V2.4Z" className="fill-bad" />,
}

/** Round is good, a diamond wants attention, an octagon is broken. Words always stand beside it. */
export function Health({ state }: { state: HealthState }) {
  return (
    <svg viewBox="0 0 8 8" aria-hidden="true" className="size-2 flex-none">
      {shapes[state]}
    </svg>
  )
}
