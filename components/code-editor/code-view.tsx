import { classes } from '@/components/ui/classes'
import { colouredLines, type Piece, tokenClass } from './yaml-tokens'

/** YAML as it was written, read only, with the line numbers that rules are cited by (`#L12` in the address). */
export function CodeView({ text, cited }: { text: string; cited?: number | null }) {
  return (
    <ol className="overflow-x-auto py-2 font-mono text-xs leading-5">
      {colouredLines(text).map((pieces, i) => (
        <li
          key={`${i + 1}`}
          id={`L${i + 1}`}
          className={classes(
            'grid grid-cols-[46px_minmax(0,1fr)] target:bg-selected',
            cited === i + 1 && 'edge-selected bg-selected',
          )}
        >
          <LineNumber number={i + 1} />
          <CodeLine pieces={pieces} />
        </li>
      ))}
    </ol>
  )
}

export function LineNumber({ number }: { number: number | null }) {
  return <span className="pr-3.5 text-right text-code-gutter tabular-nums select-none">{number}</span>
}

/** One line in its colours; wraps where the window is narrow. */
export function CodeLine({ pieces }: { pieces: readonly Piece[] }) {
  return (
    <code className="pr-3 whitespace-pre-wrap wrap-anywhere md:whitespace-pre">
      {pieces.map((piece, i) =>
        piece.kind ? (
          <span key={`${i}-${piece.text}`} className={tokenClass[piece.kind]}>
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
      {pieces.length === 0 ? '\n' : null}
    </code>
  )
}
