import { CategoryLetter, type CategoryWord } from '@/components/ui/category-letter'
import { CodeBlock } from '@/components/ui/code-block'
import { EffectBadge, type EffectLook } from '@/components/ui/effect-badge'
import { Icon } from '@/components/ui/icon'
import { KeyValue } from '@/components/ui/key-value'
import { RuleCite } from '@/components/ui/rule-cite'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { reasonText, ruleLine, ruleName, ruleText, server, tool } from './example'

interface ExampleCall {
  time: string
  effect: EffectLook
  tool: string
  category: CategoryWord
  rule: string
  cite: string
  selected?: boolean
}

const interact = { tool, category: 'Execute' } as const
const status = { tool: 'workflow_status', category: 'Read', rule: 'workflow_status#1', cite: 'L6' } as const

const calls: readonly ExampleCall[] = [
  { time: '17:04:51', effect: 'allow', ...status },
  { time: '17:04:49', effect: 'limited', ...interact, rule: 'workflow_interact#1', cite: 'L9' },
  { time: '17:04:48', effect: 'limited', ...interact, rule: 'workflow_interact#1', cite: 'L9' },
  { time: '17:04:40', effect: 'allow', ...status },
  { time: '17:04:12', effect: 'deny', ...interact, rule: ruleName, cite: `L${ruleLine}`, selected: true },
  { time: '17:04:11', effect: 'allow', ...status },
  { time: '17:03:58', effect: 'deny', tool: 'mistral_chat', category: 'Read', rule: '(default deny)', cite: 'L2' },
  { time: '17:03:52', effect: 'allow', ...status },
  { time: '16:59:07', effect: 'allow', ...interact, rule: 'workflow_interact#1', cite: 'L9' },
  { time: '16:58:40', effect: 'allow', ...interact, rule: 'workflow_interact#1', cite: 'L9' },
  { time: '16:58:12', effect: 'allow', ...status },
  { time: '16:57:33', effect: 'allow', ...status },
  { time: '16:57:02', effect: 'allow', ...status },
  { time: '16:56:31', effect: 'allow', ...status },
]

/** The audit page with one refusal explained, as a picture: nothing in it can be pressed. */
export function Shot() {
  return (
    <figure>
      <div
        role="img"
        aria-label="An example of the audit page: a list of calls, and beside it one denied call with the rule and the line that denied it"
        className="overflow-hidden rounded-3 border border-line-strong bg-sheet shadow-float-3"
      >
        <div inert className="flex">
          <div className="hidden min-w-0 flex-1 md:block">
            <ExampleList />
          </div>
          <ExamplePanel />
        </div>
      </div>
      <figcaption className="mt-2.5 text-xs text-ink-3">
        An example, drawn by the product’s own components. The rule and the refusal are what the kernel decides about
        it.
      </figcaption>
    </figure>
  )
}

function ExampleList() {
  return (
    <Table>
      <thead>
        <tr>
          <Th>Time, UTC</Th>
          <Th>Effect</Th>
          <Th>Tool</Th>
          <Th>Identity</Th>
          <Th>Rule</Th>
        </tr>
      </thead>
      <tbody>
        {calls.map(call => (
          <Tr key={call.time} selected={call.selected ?? false}>
            <Td mono className="text-ink-2">
              {call.time}
            </Td>
            <Td>
              <EffectBadge effect={call.effect} />
            </Td>
            <Td mono>
              <span className="flex items-center gap-2">
                <CategoryLetter category={call.category} wordless />
                {call.tool}
              </span>
            </Td>
            <Td>ops-agent</Td>
            <Td cut className="w-full">
              {call.rule} <RuleCite>{call.cite}</RuleCite>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

const conditions = [
  { path: 'args.action', needs: 'neq query', was: 'signal' },
  { path: 'request.hour', needs: 'not_in 9 … 16', was: '18' },
]

function ExamplePanel() {
  return (
    <div className="w-full flex-none border-line-strong md:w-[27.5rem] md:border-l [&>section]:border-b [&>section]:border-line [&>section]:px-5 [&>section]:py-4 [&>section:last-child]:border-b-0">
      <section>
        <div className="mb-3 flex items-center gap-2">
          <EffectBadge effect="deny" box />
          <span className="font-mono text-xs text-ink-2">policy_denied</span>
          <span className="ml-auto font-mono text-xs text-ink-3">17:04:12.366</span>
        </div>
        <p className="text-md leading-[1.375rem]">
          <b>ops-agent</b> called <b className="literal">{tool}</b> on <b>{server}</b>. It was not sent: “{reasonText}”
        </p>
      </section>
      <section>
        <div className="mb-2 flex items-center text-xs font-head">
          Why
          <span className="ml-auto">
            <RuleCite current>
              {server} L{ruleLine}
            </RuleCite>
          </span>
        </div>
        <div className="overflow-hidden rounded-2 border border-line-strong [--gutter:2rem]">
          <CodeBlock
            text={ruleText.map(line => line.slice(6)).join('\n')}
            from={ruleLine}
            hits={[ruleLine, ruleLine + 1]}
          />
        </div>
        <table className="mt-2 w-full text-xs [&_td]:h-7 [&_td]:border-t [&_td]:border-line [&_th]:h-7 [&_th]:text-left [&_th]:text-2xs [&_th]:font-label [&_th]:text-ink-3">
          <thead>
            <tr>
              <th>Condition</th>
              <th>Needs</th>
              <th>Was</th>
              <th>
                <span className="block text-right">Holds</span>
              </th>
            </tr>
          </thead>
          <tbody className="font-mono">
            {conditions.map(condition => (
              <tr key={condition.path}>
                <td>{condition.path}</td>
                <td className="text-ink-2">{condition.needs}</td>
                <td className="font-head">{condition.was}</td>
                <td>
                  <Icon name="check" small className="ml-auto text-deny" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <div className="mb-2 text-xs font-head">Outcome</div>
        <KeyValue
          items={[
            ['Upstream', 'Never called'],
            [
              'The agent read',
              <span key="read" className="font-mono">
                [INTERCEPT POLICY DENIED] {reasonText}
              </span>,
            ],
          ]}
        />
      </section>
    </div>
  )
}
