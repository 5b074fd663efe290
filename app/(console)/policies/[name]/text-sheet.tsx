'use client'

import { useState } from 'react'
import type { Analysis } from '@/components/code-editor/analysis'
import { CodeEditor } from '@/components/code-editor/code-editor'
import { DiffView } from '@/components/code-editor/diff-view'
import { useForm } from '@/components/form/form'
import { Button } from '@/components/ui/button'
import { classes } from '@/components/ui/classes'
import { FieldError } from '@/components/ui/field'
import { Icon } from '@/components/ui/icon'
import { Band, Sheet } from '@/components/ui/sheet'
import type { ToolDefinition } from '@/lib/policy'
import type { PolicyView } from '@/lib/policy-store/queries'

/** The text with its findings; a button turns it to what differs from the text in force. */
export function TextSheet({
  policy,
  text,
  tools,
  analysis,
  isOff,
  cited,
  isReadOnly,
  onChange,
  onSave,
  className,
}: {
  policy: PolicyView
  text: string
  tools: readonly ToolDefinition[]
  /** null while the newest text is being read. */
  analysis: Analysis | null
  isOff: boolean
  cited: { line: number } | null
  isReadOnly: boolean
  onChange: (text: string) => void
  onSave: () => void
  className?: string
}) {
  const [isDiff, setDiff] = useState(false)
  const { revision } = policy
  const { errors } = useForm()
  return (
    <Sheet className={classes('flex flex-col', className)}>
      <Band title="Text">
        <Findings analysis={analysis} isOff={isOff} />
        {revision ? (
          <Button
            kind="quiet"
            size="small"
            icon="diff"
            aria-pressed={isDiff}
            className="ml-auto aria-pressed:bg-well aria-pressed:text-ink"
            onClick={() => setDiff(!isDiff)}
          >
            Diff to r{revision.number}
          </Button>
        ) : null}
      </Band>
      {errors.text ? (
        <div role="alert" className="border-b border-line px-4 py-2">
          <FieldError>{errors.text}</FieldError>
        </div>
      ) : null}
      {isDiff && revision ? (
        <DiffView before={policy.text} after={text} label={`What differs from r${revision.number}`} />
      ) : null}
      <div className={classes('flex flex-col md:h-[min(46rem,calc(100dvh-17rem))] md:min-h-96', isDiff && 'hidden!')}>
        <CodeEditor
          // A published revision is a new start: its marks and undo begin from it.
          key={revision?.number}
          id="policy-text"
          name="text"
          label="Policy text"
          value={text}
          inForce={revision ? policy.text : null}
          tools={tools}
          diagnostics={analysis?.diagnostics ?? null}
          cited={cited}
          isReadOnly={isReadOnly}
          onChange={onChange}
          onSave={onSave}
        />
      </div>
    </Sheet>
  )
}

function Findings({ analysis, isOff }: { analysis: Analysis | null; isOff: boolean }) {
  if (isOff)
    return <span className="text-xs text-warn-ink">Not checked while you type; it is checked when you publish.</span>
  const count = (severity: string) => analysis?.diagnostics.filter(one => one.severity === severity).length ?? 0
  const [errors, warnings] = [count('error'), count('warning')]
  return (
    <span role="status" className="inline-flex flex-wrap items-center gap-x-3 text-xs text-ink-3">
      {analysis === null ? (
        'Reading…'
      ) : (
        <>
          <span className={classes('inline-flex items-center gap-1.5', errors > 0 && 'text-bad-ink')}>
            {errors > 0 ? <Icon name="error" small /> : null}
            {errors === 1 ? '1 error' : `${errors} errors`}
          </span>
          <span className={classes('inline-flex items-center gap-1.5', warnings > 0 && 'text-warn-ink')}>
            {warnings > 0 ? <Icon name="warn" small /> : null}
            {warnings === 1 ? '1 warning' : `${warnings} warnings`}
          </span>
        </>
      )}
    </span>
  )
}
