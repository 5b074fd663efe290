import { EffectBadge, type EffectLook } from '@/components/ui/effect-badge'
import { RuleCite } from '@/components/ui/rule-cite'
import type { CitedRule, Treatment, TreatmentKind } from './treatment'

const looks: Record<TreatmentKind, EffectLook> = {
  allow: 'allow',
  limited: 'limited',
  approval: 'approval',
  deny: 'deny',
  hidden: 'hidden',
  by_arguments: 'custom',
}

/** Chips beyond this many say only how many more there are. */
const MOST_CITES = 3

/** The effect that a text has on a tool, with the lines that say so; `hrefOf` opens the text there. */
export function TreatmentCell({
  treatment,
  hrefOf,
}: {
  treatment: Treatment
  hrefOf: (rule: CitedRule) => string | undefined
}) {
  const cited = treatment.rules.filter(rule => rule.line > 0)
  const isMixed = new Set(cited.map(rule => rule.policy)).size > 1
  return (
    <span className="inline-flex items-center gap-x-2 gap-y-1 max-md:flex-wrap">
      <EffectBadge effect={looks[treatment.kind]} />
      {cited.slice(0, MOST_CITES).map(rule => {
        const href = hrefOf(rule)
        return (
          <RuleCite key={`${rule.policy}-${rule.line}-${rule.rule}`} {...(href ? { href } : {})}>
            {isMixed ? `${rule.policy} L${rule.line}` : `L${rule.line}`}
          </RuleCite>
        )
      })}
      {cited.length > MOST_CITES ? <span className="text-xs text-ink-3">+{cited.length - MOST_CITES}</span> : null}
    </span>
  )
}

/** What the text asks of a call, in one line. */
export function treatmentInWords({ words }: Treatment): string {
  return words.join('; ')
}
