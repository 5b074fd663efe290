import { CodeBlock } from '@/components/ui/code-block'
import { Sheet } from '@/components/ui/sheet'
import { callArguments, policyText, refusal, tool } from './example'

const parts = [
  { title: 'You publish', text: policyText.trimEnd(), language: 'yaml' },
  {
    title: 'The agent calls, at 18:04 in Paris',
    text: JSON.stringify({ name: tool, arguments: callArguments }, null, 2),
    language: 'json',
  },
  { title: 'The agent reads', text: JSON.stringify(refusal, null, 2), language: 'json' },
] as const

/** A rule, a call, and what the agent gets back. */
export function Exchange() {
  return (
    <Sheet>
      <div className="grid gap-px bg-line lg:grid-cols-[1.3fr_0.85fr_1.05fr]">
        {parts.map(part => (
          <div key={part.title} className="min-w-0 bg-sheet">
            <h3 className="flex h-10 items-center border-b border-line px-4 text-xs font-strong text-ink-2">
              {part.title}
            </h3>
            <CodeBlock text={part.text} language={part.language} label={part.title} wrap />
          </div>
        ))}
      </div>
    </Sheet>
  )
}
