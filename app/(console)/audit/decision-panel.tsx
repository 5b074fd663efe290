import { lookOf } from '@/components/data-table/effect-looks'
import { Panel, PanelSection } from '@/components/data-table/split'
import { CopyButton } from '@/components/ui/copy-button'
import { EffectBadge } from '@/components/ui/effect-badge'
import { ErrorNote } from '@/components/ui/empty'
import { Instant } from '@/components/ui/time'
import type { DecisionDetail } from '@/lib/audit/queries'
import { ArgumentsSection } from './arguments-section'
import { OutcomeSection } from './outcome-section'
import { RecordSection } from './record-section'
import { WhatHappened } from './what-happened'
import { WhySection } from './why-section'

/** One decision explained, in the order that never varies: what happened, why, arguments, outcome, record. */
export function DecisionPanel({
  decision,
  closeHref,
  hrefOf,
  place,
}: {
  decision: DecisionDetail
  closeHref: string
  hrefOf: (id: string) => string
  place: string | null
}) {
  return (
    <Panel
      label="Decision"
      closeHref={closeHref}
      newerHref={decision.newer && hrefOf(decision.newer)}
      olderHref={decision.older && hrefOf(decision.older)}
      place={place}
      tools={<CopyButton text={decision.id} label="Copy the id" wordless />}
    >
      <PanelSection>
        <div className="mb-3 flex items-center gap-2">
          <EffectBadge effect={lookOf(decision.effect)} box />
          {decision.code ? <span className="font-mono text-xs text-ink-2">{decision.code}</span> : null}
          {isShown(decision.shadowEffect) ? (
            <EffectBadge
              effect={decision.shadowEffect === 'require_approval' ? 'approval' : decision.shadowEffect}
              shadow
            />
          ) : null}
          <span className="ml-auto text-ink-2">
            <Instant at={decision.time} />
          </span>
        </div>
        <WhatHappened decision={decision} />
      </PanelSection>
      <WhySection decision={decision} />
      <ArgumentsSection decision={decision} />
      <OutcomeSection decision={decision} />
      <RecordSection decision={decision} />
    </Panel>
  )
}

/** The address names a record that is not there. */
export function LostPanel({ why, closeHref }: { why: string; closeHref: string }) {
  return (
    <Panel label="Decision" closeHref={closeHref}>
      <ErrorNote title="No such record">{why}</ErrorNote>
    </Panel>
  )
}

function isShown(effect: string | null): effect is 'allow' | 'deny' | 'require_approval' {
  return effect === 'allow' || effect === 'deny' || effect === 'require_approval'
}
