import { duration } from '@/components/data-table/effect-looks'
import { PanelSection } from '@/components/data-table/split'
import { EffectBadge } from '@/components/ui/effect-badge'
import { KeyValue } from '@/components/ui/key-value'
import type { DecisionDetail } from '@/lib/audit/queries'

/** What the upstream did, and what the agent read. */
export function OutcomeSection({ decision }: { decision: DecisionDetail }) {
  const { outcome, decidedInUs } = decision
  return (
    <PanelSection title="Outcome">
      <KeyValue
        items={[
          ['Upstream', <Upstream key="upstream" decision={decision} />],
          ['Status', outcome?.status ?? undefined],
          [
            'Result',
            outcome?.resultBytes == null ? undefined : `${outcome.resultBytes.toLocaleString('en')}\u2009bytes`,
          ],
          ['Error', outcome?.error ?? undefined],
          ['The agent read', wordsToAgent(decision)],
          ['Decided in', decidedInUs === null ? undefined : duration(decidedInUs / 1_000)],
        ]}
      />
    </PanelSection>
  )
}

function Upstream({ decision: { effect, outcome } }: { decision: DecisionDetail }) {
  if (effect !== 'allow') return 'Never called'
  if (outcome === null) return 'Not recorded yet'
  if (outcome.kind === 'unknown') return <EffectBadge effect="unknown" />
  if (outcome.kind === 'not_sent') return 'Nothing was sent'
  const took = outcome.durationMs === null ? '' : ` in ${duration(outcome.durationMs)}`
  if (outcome.kind === 'error') return `Answered with a JSON-RPC error${took}`
  return outcome.isError ? `Answered with an error result${took}` : `Answered${took}`
}

/** What is told alike, so that a caller cannot learn what it may not see. */
const untold = ['hidden', 'no_grant', 'unknown_tool']

function wordsToAgent({ effect, code, message, tool }: DecisionDetail) {
  if (effect === 'allow' || tool === null) return undefined
  const words = code !== null && untold.includes(code) ? `Tool "${tool}" is not available.` : message
  return words ? <span className="font-mono">[INTERCEPT POLICY DENIED] {words}</span> : undefined
}
