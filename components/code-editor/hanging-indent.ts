import { countColumn, type Extension, RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

/** A wrapped line goes on where its text began, but never beyond this column. */
const DEEPEST = 24

/** Lets wrapped lines keep their indentation, by which YAML is read. */
export const hangingIndent: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = indentsOf(view)
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) this.decorations = indentsOf(update.view)
    }
  },
  { decorations: plugin => plugin.decorations },
)

function indentsOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at)
      const lead = /^\s*(?:- |# )?/.exec(line.text)?.[0] ?? ''
      const beyond = lead.endsWith('# ') ? 0 : 2
      const columns = Math.min(countColumn(lead, view.state.tabSize) + beyond, DEEPEST)
      const style = `padding-left: calc(${columns}ch + 2px); text-indent: -${columns}ch`
      builder.add(line.from, line.from, Decoration.line({ attributes: { style } }))
      at = line.to + 1
    }
  }
  return builder.finish()
}
