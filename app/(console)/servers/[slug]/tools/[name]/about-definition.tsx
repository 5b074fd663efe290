import type { ReactNode } from 'react'
import { KeyValue } from '@/components/ui/key-value'
import { Band, Sheet } from '@/components/ui/sheet'
import { Instant, Time } from '@/components/ui/time'
import type { ToolView } from '@/lib/catalogue/queries'

const sources: Record<ToolView['categorySource'], string> = {
  annotations: 'From its annotations',
  name: 'From its name',
  steward: 'Set by a person',
  unknown: 'Nothing tells; the highest that fits is assumed',
}

/** The facts of a definition: its digests, who approved it, and what the server claims by annotations. */
export function AboutDefinition({ tool }: { tool: ToolView }) {
  const annotations = Object.entries((tool.definition ?? tool.pinned)?.annotations ?? {}).filter(
    ([name]) => name !== 'title',
  )
  const digest = (value: string | null): ReactNode =>
    value ? (
      <span className="font-mono" title={value}>
        {value.slice(0, 16)}
      </span>
    ) : (
      'None'
    )
  const items: [string, ReactNode][] = [
    ['Category', sources[tool.categorySource]],
    ['Seen', tool.seenAt ? <Time key="seen" at={tool.seenAt} /> : 'Never'],
    ['Digest seen', digest(tool.seenDigest)],
    ['Digest approved', digest(tool.pinnedDigest)],
    ['Approved by', tool.approvedBy ?? 'Nobody'],
    ['Approved', tool.approvedAt ? <Instant key="approved" at={tool.approvedAt} /> : undefined],
    ['Missing since', tool.missingSince ? <Instant key="missing" at={tool.missingSince} /> : undefined],
  ]
  return (
    <Sheet>
      <Band title="Definition" />
      <div className="px-4 py-3">
        <KeyValue items={items} />
      </div>
      {annotations.length > 0 ? (
        <div className="border-t border-line px-4 py-3">
          <h3 className="mb-2 text-xs font-head">Annotations, the server’s claims</h3>
          <ul className="font-mono text-xs">
            {annotations.map(([name, value]) => (
              <li key={name} className="wrap-anywhere">
                <span className="text-code-key">{name}</span>: {JSON.stringify(value)}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </Sheet>
  )
}
