import { CodeBlock } from '@/components/ui/code-block'
import { CopyButton } from '@/components/ui/copy-button'
import { Icon } from '@/components/ui/icon'
import { type Connection, snippetsFor } from './snippets'

/** The ready text for each client, one open at a time; opens and closes without scripts. */
export function SnippetList({ connection }: { connection: Connection }) {
  return (
    <div>
      {snippetsFor(connection).map((snippet, i) => (
        <details
          key={snippet.client}
          name="connect"
          open={i === 0}
          className="group border-t border-line first:border-t-0"
        >
          <summary className="flex h-10 cursor-pointer list-none items-center gap-2 px-4 font-label -outline-offset-2 hover:bg-hover [&::-webkit-details-marker]:hidden">
            {snippet.client}
            <Icon name="down" small className="ml-auto text-ink-3 transition-transform group-open:rotate-180" />
          </summary>
          <div className="flex flex-col gap-2 px-4 pb-4">
            <div className="flex items-center gap-2">
              <p className="min-w-0 flex-1 text-xs text-ink-2">{snippet.place}</p>
              <CopyButton text={snippet.text} label="Copy" />
            </div>
            <CodeBlock
              text={snippet.text}
              language={snippet.form === 'json' ? 'json' : 'plain'}
              numbers={false}
              well
              wrap
              label={`${snippet.client}: ${snippet.place}`}
              className="rounded-2 px-3"
            />
            {snippet.note ? <p className="text-xs text-ink-3">{snippet.note}</p> : null}
          </div>
        </details>
      ))}
    </div>
  )
}
