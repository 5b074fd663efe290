import { RuleCitation } from '@/components/data-table/rule-citation'
import { PanelSection } from '@/components/data-table/split'
import { CodeBlock } from '@/components/ui/code-block'
import { RuleCite } from '@/components/ui/rule-cite'
import { TextLink } from '@/components/ui/text-link'
import type { DecisionDetail, ReasonView } from '@/lib/audit/queries'
import { ConditionTable } from './condition-table'

/** The rule that decided, its lines as they were published, and what each condition needed and found. */
export function WhySection({ decision }: { decision: DecisionDetail }) {
  const { policyLines: lines, revision, reasons } = decision
  const [first, ...others] = reasons
  return (
    <PanelSection
      title="Why"
      end={
        lines ? (
          <>
            <RuleCite current href={`/policies/${lines.name}/history/${lines.revision}#L${lines.from}`}>
              {lines.name} L{lines.from}
            </RuleCite>{' '}
            in r{revision}
          </>
        ) : revision === null ? null : (
          `r${revision}`
        )
      }
    >
      {lines ? (
        <>
          <CodeBlock
            text={undented(lines.lines).join('\n')}
            from={lines.from}
            hits={[lines.from]}
            label="The rule as it was published"
            wrap
            className="rounded-2 edge-strong"
          />
          {lines.isCut ? <p className="mt-1 text-xs text-ink-3">The rule goes on in the policy.</p> : null}
        </>
      ) : (
        <p className="text-ink-2">
          <CodeWords decision={decision} />
        </p>
      )}
      {first?.detail ? <p className="mt-2 text-xs text-ink-2">{first.detail}</p> : null}
      {first && first.conditions.length > 0 ? <ConditionTable conditions={first.conditions} /> : null}
      {others.length > 0 ? <OtherReasons reasons={others} /> : null}
    </PanelSection>
  )
}

/** The lines without the indentation that all of them share. */
function undented(lines: readonly string[]): string[] {
  const depths = lines.filter(line => line.trim() !== '').map(line => line.length - line.trimStart().length)
  return lines.map(line => line.slice(Math.min(...depths)))
}

function OtherReasons({ reasons }: { reasons: readonly ReasonView[] }) {
  return (
    <div className="mt-3 flex flex-col gap-2 text-xs">
      <p className="text-ink-3">
        {reasons.length === 1 ? 'Another rule spoke' : `${reasons.length} other rules spoke`}
      </p>
      {reasons.slice(0, 20).map(reason => (
        <div key={`${reason.policy}:${reason.line}:${reason.rule}`}>
          <p className="flex flex-wrap items-center gap-1.5">
            <span className="font-label">{reason.rule}</span>
            <RuleCitation policy={reason.policy} line={reason.line} names={{}} />
            <span className="text-ink-2">{reason.message}</span>
          </p>
          {reason.conditions.length > 0 ? <ConditionTable conditions={reason.conditions} /> : null}
        </div>
      ))}
    </div>
  )
}

/** Why, where no line of a policy can be shown. */
function CodeWords({ decision: { code, identity, tool, method, server, rule } }: { decision: DecisionDetail }) {
  const name = <span className="literal">{tool ?? method}</span>
  switch (code) {
    case null:
      return rule ? (
        <>The rule {rule} let it pass. Its text is not kept here.</>
      ) : (
        <>Nothing that is not a tool’s is refused here.</>
      )
    case 'no_grant':
      return (
        <>
          No live grant of {identity ?? 'this caller'} covers {name} on {server}.{' '}
          {identity ? <TextLink href={`/identities/${encodeURIComponent(identity)}`}>See its grants</TextLink> : null}
        </>
      )
    case 'unknown_tool':
      return (
        <>
          {server} lists no tool named {name}.
        </>
      )
    case 'definition_drift':
      return (
        <>
          The definition of {name} was never approved, or changed since.{' '}
          <TextLink href={`/servers/${encodeURIComponent(server)}`}>Compare and approve it</TextLink>
        </>
      )
    case 'no_policy':
      return <>No policy was published for {server}, so every call to it is refused.</>
    default:
      return <>{otherCodes[code] ?? 'The proxy refused it before a rule could speak.'}</>
  }
}

const otherCodes: Record<string, string> = {
  malformed: 'The message could not be read strictly, so no rule was asked.',
  overloaded: 'The proxy had more calls at hand than it takes.',
  audit_unavailable: 'The decision could not be recorded, and no record means no call.',
  limits_unavailable: 'A limit had to be counted, and its store did not answer.',
  approvals_unavailable: 'An approval was needed, and approvals could not be reached.',
  unauthenticated: 'The bearer belongs to no live key.',
}
