import { CodeBlock, type CodeLine } from '@/components/ui/code-block'
import { diffLines, hunksOf } from './line-diff'

/** What differs between two texts, line under line, with the numbers of the newer one. Needs no script. */
export function DiffView({ before, after, label }: { before: string; after: string; label: string }) {
  const diff = diffLines(before, after)
  if (diff.every(line => line.kind === 'same')) return <p className="px-4 py-6 text-ink-2">The texts are the same.</p>
  const lines = hunksOf(diff).flatMap((hunk): CodeLine[] => [
    ...(hunk.skipped > 0 ? [{ text: skipped(hunk.skipped) }] : []),
    ...hunk.lines.map(({ text, kind, before, after }) => ({
      text,
      number: after ?? before ?? undefined,
      mark: kind === 'same' ? undefined : kind,
    })),
  ])
  return <CodeBlock lines={lines} label={label} wrap />
}

function skipped(lines: number): string {
  return lines === 1 ? '⋯ 1 line the same' : `⋯ ${lines} lines the same`
}
