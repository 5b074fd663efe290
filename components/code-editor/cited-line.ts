import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

const setCited = StateEffect.define<number>()
const mark = Decoration.line({ class: 'cm-cited' })

const cited = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    const effect = transaction.effects.find(one => one.is(setCited))
    if (!effect) return value.map(transaction.changes)
    return Decoration.set([mark.range(transaction.state.doc.line(effect.value as number).from)])
  },
  provide: field => EditorView.decorations.from(field),
})

/** Marks the line that a rule is cited by and brings it into view. A line beyond the end is the last. */
export function citeLine(view: EditorView, line: number): void {
  const number = Math.max(1, Math.min(line, view.state.doc.lines))
  const { from } = view.state.doc.line(number)
  view.dispatch({
    effects: [setCited.of(number), EditorView.scrollIntoView(from, { y: 'center' })],
    selection: { anchor: from },
  })
}

export const citedLine: Extension = cited
