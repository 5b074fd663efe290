import type { ReactNode } from 'react'
import { duration } from '@/components/data-table/effect-looks'
import type { DecisionDetail } from '@/lib/audit/queries'

/** Who called what where, and what became of it, in a sentence. */
export function WhatHappened({ decision }: { decision: DecisionDetail }) {
  return (
    <p className="text-md leading-[1.375rem]">
      <Caller decision={decision} /> {decision.tool ? 'called' : 'sent'}{' '}
      <span className="literal font-head">{decision.tool ?? decision.method}</span> {decision.tool ? 'on' : 'to'}{' '}
      <b>{decision.server}</b>. <Fate decision={decision} />
    </p>
  )
}

function Caller({ decision: { identity, keyPrefix } }: { decision: DecisionDetail }): ReactNode {
  if (identity) return <b>{identity}</b>
  return keyPrefix ? (
    <>
      Somebody with the key <span className="literal">{keyPrefix}</span>
    </>
  ) : (
    'Somebody unknown'
  )
}

function Fate({ decision }: { decision: DecisionDetail }): ReactNode {
  if (decision.effect === 'require_approval') return 'It was not sent: a person must approve it first.'
  if (decision.effect !== 'allow') return <>It was not sent{decision.message ? `: “${decision.message}”` : '.'}</>
  return fateOf(decision.outcome)
}

function fateOf(outcome: DecisionDetail['outcome']): string {
  if (outcome === null) return 'It was sent; its outcome is not recorded yet.'
  const took = outcome.durationMs === null ? '' : ` after ${duration(outcome.durationMs)}`
  switch (outcome.kind) {
    case 'result':
      return outcome.isError ? `The tool answered with an error${took}.` : `It was answered${took}.`
    case 'error':
      return `The server refused it with an error${took}.`
    case 'not_sent':
      return 'It was allowed, and could not be sent.'
    default:
      return 'It was sent, and nobody knows what became of it.'
  }
}
