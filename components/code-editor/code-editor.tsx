'use client'

import type { EditorView } from '@codemirror/view'
import { useEffect, useRef, useState } from 'react'
import { classes } from '@/components/ui/classes'
import type { Diagnostic, ToolDefinition } from '@/lib/policy'

type Module = typeof import('./editor-view')

/**
 * A policy's text in a form: a plain textarea until the editor is loaded (and wherever scripts do not run), the editor
 * then. The form's field is the textarea in both.
 */
export function CodeEditor(props: {
  id: string
  name: string
  label: string
  value: string
  inForce: string | null
  tools: readonly ToolDefinition[]
  /** What the kernel says of `value`; null while it is being read. */
  diagnostics: readonly Diagnostic[] | null
  /** The line to bring into view; a new object brings it into view again. */
  cited: { readonly line: number } | null
  isReadOnly?: boolean
  onChange: (text: string) => void
  onSave: () => void
}) {
  const { id, name, label, value, diagnostics, cited, isReadOnly = false } = props
  const place = useRef<HTMLDivElement>(null)
  const textarea = useRef<HTMLTextAreaElement>(null)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const [typed] = useState(() => typedBeforeScripts(id, value))
  const [editor, setEditor] = useState<{ view: EditorView; module: Module } | null>(null)

  useEffect(() => {
    if (typed !== null) latest.current.onChange(typed)
  }, [typed])
  useEffect(() => {
    let view: EditorView | null = null
    let isGone = false
    void import('./editor-view').then(module => {
      const parent = place.current
      if (isGone || !parent) return
      const now = latest.current
      view = module.openEditor(parent, {
        text: now.value,
        inForce: now.inForce,
        tools: now.tools,
        label: now.label,
        describedBy: `${now.id}-keys`,
        isReadOnly: now.isReadOnly ?? false,
        onChange: text => latest.current.onChange(text),
        onSave: () => latest.current.onSave(),
      })
      const field = textarea.current
      // Whoever began to write goes on where they were.
      if (field && document.activeElement === field) module.takeOver(view, field.selectionStart, field.selectionEnd)
      setEditor({ view, module })
    })
    return () => {
      isGone = true
      view?.destroy()
    }
  }, [])

  useEffect(() => {
    if (editor) editor.module.replaceText(editor.view, value)
  }, [editor, value])
  useEffect(() => {
    if (editor && diagnostics) editor.module.showDiagnostics(editor.view, diagnostics)
  }, [editor, diagnostics])
  useEffect(() => {
    if (editor && cited) editor.module.citeLine(editor.view, cited.line)
  }, [editor, cited])

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <textarea
        ref={textarea}
        id={id}
        name={name}
        aria-label={label}
        value={value}
        readOnly={isReadOnly}
        onChange={event => props.onChange(event.target.value)}
        spellCheck={false}
        rows={28}
        hidden={editor !== null}
        className="min-h-64 w-full flex-1 resize-y bg-sheet px-4 py-2 font-mono text-xs leading-5 whitespace-pre text-ink"
      />
      <div ref={place} className={classes('min-h-0 flex-1 md:overflow-hidden', editor === null && 'hidden')} />
      <p id={`${id}-keys`} className="hidden border-t border-line px-4 py-1.5 text-2xs text-ink-3 md:block">
        {isReadOnly ? 'Read only: your roles do not include editing policies.' : editorKeys}
      </p>
    </div>
  )
}

/**
 * What somebody wrote into the plain textarea before the scripts were there; null when nothing. React puts the server's text
 * back when it takes over a textarea, so it is read while the first rendering is under way.
 */
function typedBeforeScripts(id: string, value: string): string | null {
  if (typeof document === 'undefined') return null
  const field = document.getElementById(id)
  if (!(field instanceof HTMLTextAreaElement)) return null
  return field.value === value.replace(/\r\n?/g, '\n') ? null : field.value
}

const editorKeys = 'Ctrl S saves the draft. F8 goes to the next finding. Esc, then Tab leaves the text.'
