import type { ReactNode } from 'react'
import { classes } from '@/components/ui/classes'
import { EffectBadge, type EffectLook } from '@/components/ui/effect-badge'
import { ruleLine, ruleName, server } from './example'
import styles from './gates.module.css'

const gates = [
  'Authenticate',
  'Read strictly',
  'Grant',
  'Definition',
  'Policy',
  'Limits',
  'Record',
  'Forward',
  'Outcome',
] as const

interface Lane {
  effect: EffectLook
  /** Number of the gate that closes, from 1; none for a call that went through. */
  ends?: number
  says?: ReactNode
}

const lanes: readonly Lane[] = [
  { effect: 'allow' },
  { effect: 'deny', ends: 3, says: 'No grant of this identity covers the tool. To the agent it does not exist.' },
  {
    effect: 'deny',
    ends: 5,
    says: (
      <>
        <b className="text-ink">{ruleName}</b>, {server} line {ruleLine}. Recorded; the agent reads why.
      </>
    ),
  },
  { effect: 'limited', ends: 6, says: 'The eleventh call in a minute. The agent reads when to retry.' },
  { effect: 'deny', ends: 7, says: 'It cannot be written down, so it does not happen.' },
]

/** Calls as lines that meet gates: each goes through, or ends at the one that closes. */
export function Gates() {
  return (
    <div className="border-t border-line-strong">
      <div aria-hidden="true" className={classes(styles.lane, 'hidden md:grid')}>
        <span />
        <div className={styles.track}>
          {gates.map((gate, index) => (
            <span key={gate} className="py-3 text-center text-xs leading-4 text-ink-2">
              <span className="block font-mono text-2xs font-label text-ink-3">{index + 1}</span>
              {gate}
            </span>
          ))}
        </div>
      </div>
      <ul>
        {lanes.map(lane => (
          <li key={`${lane.effect}${lane.ends}`} className={classes(styles.lane, styles[lane.effect])}>
            <div>
              <EffectBadge effect={lane.effect} />
              <span className="sr-only">
                {lane.ends ? ` at gate ${lane.ends}, ${gates[lane.ends - 1]}. ` : ' through all nine gates.'}
              </span>
            </div>
            <div aria-hidden="true" className={classes(styles.track, styles.line)}>
              {gates.map((gate, index) => (
                <i key={gate} className={stateAt(index + 1, lane.ends)} />
              ))}
            </div>
            {lane.says && lane.ends ? (
              <p className={classes(styles.says, styles[`after${lane.ends}`])}>{lane.says}</p>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  )
}

function stateAt(gate: number, ends = Number.POSITIVE_INFINITY): string | undefined {
  if (gate < ends) return styles.open
  return gate === ends ? styles.closed : styles.unreached
}
