import { type Diagnostic as Squiggle, setDiagnostics } from '@codemirror/lint'
import { type ChangeDesc, type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'
import type { Diagnostic, TextEdit } from '@/lib/policy'

/** Notes shown under their lines; more are counted above the text and reached by F8. */
const MOST_NOTES = 20

/** A diagnostic with offsets that follow the text as it is edited. */
interface Note {
  readonly diagnostic: Diagnostic
  readonly from: number
  readonly to: number
  readonly edits: readonly TextEdit[]
}

const setNotes = StateEffect.define<readonly Note[]>()

const notes = StateField.define<readonly Note[]>({
  create: () => [],
  update(value, transaction) {
    const set = transaction.effects.find(effect => effect.is(setNotes))
    if (set) return set.value as readonly Note[]
    return transaction.docChanged ? value.map(note => moved(note, transaction.changes)) : value
  },
  provide: field => EditorView.decorations.compute([field, 'doc'], state => blocksUnder(state, state.field(field))),
})

function moved(note: Note, changes: ChangeDesc): Note {
  const edits = note.edits.map(edit => ({
    ...edit,
    from: changes.mapPos(edit.from),
    to: changes.mapPos(edit.to, 1),
  }))
  return { ...note, from: changes.mapPos(note.from), to: changes.mapPos(note.to, 1), edits }
}

/** Shows the kernel's diagnostics: a wavy line in the text, and a note under it with the fix as a button. */
export function showDiagnostics(view: EditorView, diagnostics: readonly Diagnostic[]): void {
  const end = view.state.doc.length
  const within = (offset: number) => Math.max(0, Math.min(offset, end))
  const list = diagnostics.map(diagnostic => ({
    diagnostic,
    from: within(diagnostic.range.start.offset),
    to: within(diagnostic.range.end.offset),
    edits: (diagnostic.fix?.edits ?? []).map(edit => ({ ...edit, from: within(edit.from), to: within(edit.to) })),
  }))
  view.dispatch({ effects: setNotes.of(list) })
  view.dispatch(
    setDiagnostics(
      view.state,
      list.map(note => squiggleOf(note, view.state)),
    ),
  )
}

/** A finding about a whole rule is drawn under its first line only. */
function squiggleOf({ diagnostic, from, to }: Note, state: EditorState): Squiggle {
  const end = Math.min(to, state.doc.lineAt(from).to)
  return { from, to: Math.max(from, end), severity: diagnostic.severity, message: diagnostic.message }
}

function blocksUnder(state: EditorState, list: readonly Note[]): DecorationSet {
  const blocks = list.slice(0, MOST_NOTES).map(note => {
    const line = state.doc.lineAt(Math.min(note.from, state.doc.length))
    return Decoration.widget({ widget: new NoteWidget(note), block: true, side: 1 }).range(line.to)
  })
  return Decoration.set(blocks, true)
}

const marks = {
  error: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 5v3.6M8 10.6v.6',
  warning: 'M8 2 14.5 13.5h-13ZM8 6.5v3.2M8 11.4v.6',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 7.4V11M8 4.8v.6',
} as const

class NoteWidget extends WidgetType {
  private readonly note: Note
  constructor(note: Note) {
    super()
    this.note = note
  }
  override eq(other: NoteWidget): boolean {
    const [mine, theirs] = [this.note, other.note]
    return mine.diagnostic === theirs.diagnostic && mine.edits.every((edit, i) => edit.from === theirs.edits[i]?.from)
  }
  override get estimatedHeight(): number {
    return 34
  }
  override toDOM(view: EditorView): HTMLElement {
    const { diagnostic, edits } = this.note
    // The editor measures the outer box, which margins would fall out of.
    const outer = element('div', 'cm-note-place')
    const box = element('div', `cm-note cm-note-${diagnostic.severity}`)
    outer.append(box)
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    icon.setAttribute('viewBox', '0 0 16 16')
    icon.setAttribute('aria-hidden', 'true')
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    path.setAttribute('d', marks[diagnostic.severity])
    icon.append(path)
    const words = element('span', 'cm-note-words')
    words.append(...withLiterals(diagnostic.message))
    box.append(icon, words)
    if (diagnostic.fix) {
      const button = element('button', 'cm-note-fix') as HTMLButtonElement
      button.type = 'button'
      button.textContent = diagnostic.fix.title
      button.addEventListener('click', () => {
        view.dispatch({ changes: edits.map(({ from, to, insert }) => ({ from, to, insert })), userEvent: 'input.fix' })
        view.focus()
      })
      box.append(button)
    }
    return outer
  }
  override ignoreEvent(): boolean {
    return true
  }
}

/** A message with what it puts between backticks set as a literal. */
function withLiterals(message: string): Node[] {
  return message.split('`').map((part, i) => {
    if (i % 2 === 0) return document.createTextNode(part)
    const literal = element('code', 'cm-note-literal')
    literal.textContent = part
    return literal
  })
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  return made
}

export const inlineDiagnostics: Extension = notes
