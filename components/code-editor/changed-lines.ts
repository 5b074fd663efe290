import { type EditorState, type Extension, RangeSet, RangeSetBuilder, StateField } from '@codemirror/state'
import { GutterMarker, gutter } from '@codemirror/view'
import { diffLines } from './line-diff'

/** Texts beyond this many lines are edited without marks. */
const MOST_LINES = 5_000

class ChangedMarker extends GutterMarker {
  override elementClass: string
  constructor(kind: 'changed' | 'removed-before') {
    super()
    this.elementClass = kind === 'changed' ? 'cm-line-changed' : 'cm-line-removed-before'
  }
  override eq(other: GutterMarker): boolean {
    return this.elementClass === other.elementClass
  }
}

const changed = new ChangedMarker('changed')
const removedBefore = new ChangedMarker('removed-before')

/** A bar beside each line that differs from the text in force, and a notch where lines of it are gone. */
export function changedLines(inForce: string | null): Extension {
  if (inForce === null) return []
  const field = StateField.define<RangeSet<GutterMarker>>({
    create: state => marksOf(state, inForce),
    update: (marks, transaction) => (transaction.docChanged ? marksOf(transaction.state, inForce) : marks),
  })
  return [field, gutter({ class: 'cm-changes', markers: view => view.state.field(field) })]
}

function marksOf(state: EditorState, inForce: string): RangeSet<GutterMarker> {
  if (state.doc.lines > MOST_LINES) return RangeSet.empty
  const marks = new Map<number, GutterMarker>()
  let next = 1
  for (const line of diffLines(inForce, state.doc.toString())) {
    if (line.after !== null) next = line.after + 1
    if (line.kind === 'added' && line.after !== null) marks.set(line.after, changed)
    else if (line.kind === 'removed' && !marks.has(next)) marks.set(next, removedBefore)
  }
  const builder = new RangeSetBuilder<GutterMarker>()
  for (const [number, marker] of [...marks].sort(([a], [b]) => a - b)) {
    if (number > state.doc.lines) continue
    const { from } = state.doc.line(number)
    builder.add(from, from, marker)
  }
  return builder.finish()
}
