import { DiffView } from '@/components/code-editor/diff-view'
import { Band, Sheet } from '@/components/ui/sheet'
import type { ToolView } from '@/lib/catalogue/queries'
import { ApproveButton } from './approve-button'

/** What differs between the definition that was approved and the one last seen, and the act that approves it. */
export function DriftSheet({
  slug,
  tool,
  drift,
  mayApprove,
}: {
  slug: string
  tool: ToolView
  drift: 'block' | 'warn'
  mayApprove: boolean
}) {
  const isNew = tool.state === 'waiting'
  const held = isNew || drift === 'block'
  return (
    <Sheet>
      <Band title={isNew ? 'Never approved' : 'Changed since it was approved'}>
        <span className="text-xs text-ink-3">{held ? 'calls are refused' : 'calls pass and are marked'}</span>
        {mayApprove && tool.seenDigest ? (
          <span className="ml-auto">
            <ApproveButton slug={slug} tool={tool.name} digest={tool.seenDigest} />
          </span>
        ) : null}
      </Band>
      {isNew ? (
        <p className="max-w-measure px-4 py-3 text-ink-2">
          Read below what the tool says of itself and which arguments it takes. Approving pins exactly this definition;
          when the server changes it, calls are refused again.
        </p>
      ) : (
        <DiffView
          before={pretty(tool.pinned)}
          after={pretty(tool.definition)}
          label="Definition: approved to last seen"
        />
      )}
    </Sheet>
  )
}

function pretty(definition: unknown): string {
  return JSON.stringify(definition, null, 2)
}
