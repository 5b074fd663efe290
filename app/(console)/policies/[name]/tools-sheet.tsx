import type { Surroundings } from '@/components/code-editor/analysis'
import type { Treatment } from '@/components/policy/treatment'
import { TreatmentCell, treatmentInWords } from '@/components/policy/treatment-cell'
import { CategoryLetter } from '@/components/ui/category-letter'
import { Empty } from '@/components/ui/empty'
import { RiskMeter } from '@/components/ui/risk-meter'
import { Band, Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { TextLink } from '@/components/ui/text-link'
import type { ToolDefinition } from '@/lib/policy'
import type { PolicyView } from '@/lib/policy-store/queries'

type Treatments = Readonly<Record<string, Treatment>> | null

/** Each tool of the server with what the text at hand does with it, and where that differs from what is in force. */
export function ToolsSheet({
  scope,
  surroundings: { server, tools },
  treatments,
  isBehind,
  inForce,
  revision,
  className,
}: {
  scope: PolicyView['scope']
  surroundings: Surroundings
  treatments: Treatments
  /** The text has errors: `treatments` are of the last one that had none. */
  isBehind: boolean
  inForce: Treatments
  revision: number | null
  className?: string
}) {
  return (
    <Sheet className={className ?? ''}>
      <Band title="Tools">
        <span className="text-xs text-ink-3">
          {server === null ? null : (
            <>
              {tools.length} on{' '}
              <TextLink href={`/servers/${server}`} className="font-mono">
                {server}
              </TextLink>
              , by this text alone
            </>
          )}
        </span>
        {isBehind && treatments ? (
          <span className="text-xs text-warn-ink">as of the last text without errors</span>
        ) : null}
      </Band>
      {server === null || tools.length === 0 ? (
        <NoTools scope={scope} server={server} />
      ) : (
        <Table>
          <thead className="max-md:sr-only">
            <tr>
              <Th>Tool</Th>
              <Th className="max-md:hidden">Risk</Th>
              <Th>This text</Th>
              <Th className="max-md:hidden">It asks</Th>
            </tr>
          </thead>
          <tbody>
            {tools.map(tool => (
              <Row
                key={tool.name}
                tool={tool}
                server={server}
                now={treatments?.[tool.name] ?? null}
                before={inForce?.[tool.name] ?? null}
                revision={revision}
              />
            ))}
          </tbody>
        </Table>
      )}
    </Sheet>
  )
}

function NoTools({ scope, server }: { scope: PolicyView['scope']; server: string | null }) {
  if (scope === 'every')
    return (
      <Empty title="For every server">
        <p>Each call is judged by this text and by its server’s own. Both must allow it.</p>
      </Empty>
    )
  if (server === null)
    return (
      <Empty title="Its server was removed">
        <p>The revisions stay, so that records can be explained. Nothing is judged by them any more.</p>
      </Empty>
    )
  return (
    <Empty title="No tool seen yet">
      <p>
        Scan <TextLink href={`/servers/${server}`}>{server}</TextLink> to read its tools. They appear here with what
        this text does with each.
      </p>
    </Empty>
  )
}

function Row({
  tool,
  server,
  now,
  before,
  revision,
}: {
  tool: ToolDefinition
  server: string
  now: Treatment | null
  before: Treatment | null
  revision: number | null
}) {
  const wordsNow = now ? treatmentInWords(now) : ''
  const wordsBefore = before ? treatmentInWords(before) : ''
  const was = now !== null && before !== null && (now.kind !== before.kind || wordsNow !== wordsBefore) ? before : null
  return (
    <Tr selected={was !== null}>
      <Td className="py-2 align-top">
        <span className="flex items-center gap-2">
          {tool.category ? <CategoryLetter category={tool.category} wordless /> : null}
          <TextLink
            href={`/servers/${server}/tools/${encodeURIComponent(tool.name)}`}
            className="font-mono text-xs font-label text-ink!"
          >
            {tool.name}
          </TextLink>
        </span>
      </Td>
      <Td className="py-2 align-top max-md:hidden">{tool.risk ? <RiskMeter risk={tool.risk} /> : null}</Td>
      <Td className="py-2 align-top max-md:whitespace-normal!">
        {now ? <TreatmentCell treatment={now} hrefOf={rule => `#L${rule.line}`} /> : <Unread />}
        {was ? (
          <span className="mt-1 flex items-center gap-1.5 text-xs text-ink-3">
            <Tag>r{revision}</Tag>
            <TreatmentCell treatment={{ ...was, rules: [] }} hrefOf={() => undefined} />
          </span>
        ) : null}
        <span className="block text-xs text-ink-2 md:hidden">{wordsNow}</span>
      </Td>
      <Td className="w-1/3 py-2 align-top text-xs leading-5 whitespace-normal! text-ink-2 max-md:hidden">
        {wordsNow}
        {was ? <span className="mt-1 block text-ink-3">{wordsBefore || 'nothing'}</span> : null}
      </Td>
    </Tr>
  )
}

/** While the text has errors, nothing can be said of what it does. */
function Unread() {
  return <span className="text-xs text-ink-3">Cannot be read</span>
}
