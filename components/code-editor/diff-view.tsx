import { classes } from '@/components/ui/classes'
import { CodeLine, LineNumber } from './code-view'
import { type DiffLine, diffLines, hunksOf } from './line-diff'
import { colouredLines, type Piece } from './yaml-tokens'

const looks = {
  same: { row: '', mark: ' ', said: '', ink: '' },
  added: { row: 'bg-diff-add', mark: '+', said: 'added: ', ink: 'text-allow-ink' },
  removed: { row: 'bg-diff-del', mark: '−', said: 'removed: ', ink: 'text-deny-ink' },
} as const

/** What differs between two texts, line under line, with the numbers of the newer one. Drawn on the server. */
export function DiffView({ before, after, whole = false }: { before: string; after: string; whole?: boolean }) {
  const diff = diffLines(before, after)
  if (diff.every(line => line.kind === 'same')) return <p className="px-4 py-6 text-ink-2">The texts are the same.</p>
  const colours = { before: colouredLines(before), after: colouredLines(after) }
  const hunks = hunksOf(diff, whole ? diff.length : 3)
  return (
    <div className="overflow-x-auto py-2 font-mono text-xs leading-5">
      {hunks.map(hunk => (
        <ol key={`${hunk.lines[0]?.before}-${hunk.lines[0]?.after}`}>
          {hunk.skipped > 0 ? <Skipped lines={hunk.skipped} /> : null}
          {hunk.lines.map(line => (
            <Row key={`${line.before}-${line.after}`} line={line} pieces={piecesOf(line, colours)} />
          ))}
        </ol>
      ))}
    </div>
  )
}

function piecesOf(line: DiffLine, colours: { before: Piece[][]; after: Piece[][] }): readonly Piece[] {
  const pieces = line.after === null ? colours.before[(line.before ?? 1) - 1] : colours.after[line.after - 1]
  return pieces ?? [{ text: line.text, kind: null }]
}

function Row({ line, pieces }: { line: DiffLine; pieces: readonly Piece[] }) {
  const look = looks[line.kind]
  return (
    <li className={classes('grid grid-cols-[46px_18px_minmax(0,1fr)]', look.row)}>
      <LineNumber number={line.after ?? line.before} />
      <span className={look.ink}>
        <span aria-hidden="true">{look.mark}</span>
        <span className="sr-only">{look.said}</span>
      </span>
      <CodeLine pieces={pieces} />
    </li>
  )
}

function Skipped({ lines }: { lines: number }) {
  return (
    <li className="border-y border-line bg-well px-4 font-sans text-2xs leading-6 text-ink-3">
      {lines === 1 ? '1 line the same' : `${lines} lines the same`}
    </li>
  )
}
