import { syntaxTree } from '@codemirror/language'
import { type Extension, RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { type TokenKind, tokenClass, tokensOf } from './yaml-tokens'

const decorations = Object.fromEntries(
  Object.entries(tokenClass).map(([kind, name]) => [kind, Decoration.mark({ class: name })]),
) as Record<TokenKind, Decoration>

/** Colours what is in view . */
export const policyHighlight: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = coloursOf(view)
    }
    update(update: ViewUpdate) {
      const isParsedFurther = syntaxTree(update.startState) !== syntaxTree(update.state)
      if (update.docChanged || update.viewportChanged || isParsedFurther) this.decorations = coloursOf(update.view)
    }
  },
  { decorations: plugin => plugin.decorations },
)

function coloursOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  const { state } = view
  let last = 0
  for (const { from, to } of view.visibleRanges) {
    for (const token of tokensOf(syntaxTree(state), (a, b) => state.sliceDoc(a, b), from, to)) {
      if (token.from < last || token.from === token.to) continue
      builder.add(token.from, token.to, decorations[token.kind])
      last = token.to
    }
  }
  return builder.finish()
}
