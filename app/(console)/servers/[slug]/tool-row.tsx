'use client'

import type { Treatment } from '@/components/policy/treatment'
import { TreatmentCell, treatmentInWords } from '@/components/policy/treatment-cell'
import { Checkbox } from '@/components/ui/checkbox'
import { RiskMeter } from '@/components/ui/risk-meter'
import { Td, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { CategoryMenu } from './category-menu'
import type { ListedTool } from './tool-table'

export function ToolRow({
  slug,
  tool,
  treatment,
  hrefs,
  mayChoose,
  mayManage,
  isChosen,
  onChoose,
}: {
  slug: string
  tool: ListedTool
  treatment: Treatment | undefined
  hrefs: Readonly<Record<string, string>>
  mayChoose: boolean
  mayManage: boolean
  isChosen: boolean
  onChoose: (isChosen: boolean) => void
}) {
  const isOpen = tool.state === 'waiting' || tool.state === 'drifted'
  return (
    <Tr selected={isChosen}>
      <Td>
        <span className="flex items-center gap-2">
          {mayChoose ? (
            <Checkbox
              name="tool"
              value={tool.name}
              aria-label={`Choose ${tool.name}`}
              disabled={!isOpen}
              checked={isChosen}
              onChange={event => onChoose(event.target.checked)}
            />
          ) : null}
          <TextLink
            href={`/servers/${slug}/tools/${encodeURIComponent(tool.name)}`}
            className="font-mono text-xs font-label text-ink!"
          >
            {tool.name}
          </TextLink>
        </span>
        <span className="block py-1 md:hidden">
          <DefinitionState tool={tool} />
        </span>
      </Td>
      <Td className="max-md:hidden">
        <span className="inline-flex items-center gap-3">
          <CategoryMenu slug={slug} tool={tool.name} category={tool.category} mayChange={mayManage} />
          <RiskMeter risk={tool.risk} />
        </span>
      </Td>
      <Td className="max-md:hidden">
        <DefinitionState tool={tool} />
      </Td>
      <Td className="py-1.5">
        {treatment ? (
          <>
            <TreatmentCell treatment={treatment} hrefOf={rule => hrefs[`${rule.policy} ${rule.line}`] || undefined} />
            <span className="block text-xs whitespace-normal! text-ink-3">{treatmentInWords(treatment)}</span>
          </>
        ) : null}
      </Td>
    </Tr>
  )
}

function DefinitionState({ tool }: { tool: ListedTool }) {
  const digest = tool.seenDigest ?? tool.pinnedDigest
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <StateTag tool={tool} />
      {digest ? (
        <span className="font-mono text-xs text-ink-3" title={digest}>
          {digest.slice(0, 8)}
        </span>
      ) : null}
    </span>
  )
}

export function StateTag({ tool }: { tool: Pick<ListedTool, 'state' | 'missingSince' | 'approvedBy'> }) {
  if (tool.state === 'drifted') return <Tag tone="warn">Drifted</Tag>
  if (tool.state === 'waiting') return <Tag tone="warn">Not approved</Tag>
  if (tool.state === 'missing') return <Tag>Missing {tool.missingSince ? <Time at={tool.missingSince} /> : null}</Tag>
  return (
    <span className="text-xs text-ink-2" title={tool.approvedBy ? `Approved by ${tool.approvedBy}` : undefined}>
      Approved
    </span>
  )
}
