import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentUnit } from '@codemirror/language'
import { linter, lintKeymap } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import type { ToolDefinition } from '@/lib/policy'
import { changedLines } from './changed-lines'
import { citedLine } from './cited-line'
import { policyCompletion } from './completion'
import { editorTheme } from './editor-theme'
import { hangingIndent } from './hanging-indent'
import { policyHighlight } from './highlight'
import { inlineDiagnostics } from './inline-diagnostics'

export { citeLine } from './cited-line'
export { showDiagnostics } from './inline-diagnostics'

export interface EditorOptions {
  readonly text: string
  /** The text in force, from which changed lines are marked; null: nothing is in force. */
  readonly inForce: string | null
  readonly tools: readonly ToolDefinition[]
  readonly label: string
  readonly describedBy: string
  readonly isReadOnly: boolean
  readonly onChange: (text: string) => void
  readonly onSave: () => void
}

/** Puts an editor into the page. Its style elements carry the nonce that this document was served with. */
export function openEditor(parent: HTMLElement, options: EditorOptions): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({ doc: options.text, extensions: extensionsFor(options) }),
  })
}

/** Takes focus and selection over from the field that stood in its place. */
export function takeOver(view: EditorView, from: number, to: number): void {
  const { length } = view.state.doc
  view.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) } })
  view.focus()
}

/** Replaces the whole text, as when another's draft is taken over; undo brings the old one back. */
export function replaceText(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
}

function extensionsFor(options: EditorOptions): Extension[] {
  const run = () => {
    options.onSave()
    return true
  }
  return [
    EditorView.cspNonce.of(documentNonce()),
    changedLines(options.inForce),
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    indentUnit.of('  '),
    bracketMatching(),
    closeBrackets(),
    yaml(),
    policyHighlight,
    policyCompletion(options.tools),
    inlineDiagnostics,
    // The notes under the lines say it already; a second one at the pointer would cover the text.
    linter(null, { tooltipFilter: () => [] }),
    citedLine,
    keymap.of([
      { key: 'Mod-s', preventDefault: true, run },
      ...completionKeymap,
      ...closeBracketsKeymap,
      ...lintKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    keymap.of([indentWithTab]),
    EditorState.readOnly.of(options.isReadOnly),
    EditorView.contentAttributes.of({
      'aria-label': options.label,
      'aria-describedby': options.describedBy,
      spellcheck: 'false',
      // Focusable by itself, and said to be, for those who look for the tab stop of what scrolls.
      tabindex: '0',
    }),
    // A rule that runs out of sight is a rule nobody reads.
    EditorView.lineWrapping,
    hangingIndent,
    EditorView.updateListener.of(update => {
      if (update.docChanged) options.onChange(update.state.doc.toString())
    }),
    editorTheme,
  ]
}

/**
 * The nonce in force is the document's own: after a navigation inside the page, the server would name a newer one that
 * this document's policy does not know.
 */
function documentNonce(): string {
  return document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? ''
}
