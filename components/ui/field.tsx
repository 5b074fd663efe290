import type { ReactNode } from 'react'
import { classes } from './classes'
import { Icon } from './icon'

/** What a control needs to be described by its field. */
export interface FieldIds {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

/**
 * Label above, hint below; an error takes the hint's place, with an icon and a sentence that says what to do.
 * `children` gets the ids to spread on its control.
 */
export function Field({
  id,
  label,
  optional = false,
  hint,
  error,
  className,
  children,
}: {
  id: string
  label: ReactNode
  optional?: boolean
  hint?: ReactNode
  error?: string | undefined
  className?: string
  children: (ids: FieldIds) => ReactNode
}) {
  const note = `${id}-note`
  const described = Boolean(hint || error)
  return (
    <div className={classes('flex min-w-0 flex-col gap-1.5', className)}>
      <Label htmlFor={id} optional={optional}>
        {label}
      </Label>
      {children({
        id,
        ...(described ? { 'aria-describedby': note } : {}),
        ...(error ? { 'aria-invalid': true } : {}),
      })}
      {error ? (
        <FieldError id={note}>{error}</FieldError>
      ) : hint ? (
        <p id={note} className="text-xs text-ink-3">
          {hint}
        </p>
      ) : null}
    </div>
  )
}

export function Label({
  htmlFor,
  optional = false,
  children,
}: {
  htmlFor: string
  optional?: boolean
  children: ReactNode
}) {
  return (
    <label htmlFor={htmlFor} className="text-xs leading-4 font-label text-ink-2">
      {children}
      {optional ? <span className="font-text text-ink-3"> optional</span> : null}
    </label>
  )
}

export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className="flex gap-1.5 text-xs leading-4 text-bad-ink">
      <Icon name="error" small className="mt-px" />
      <span>{children}</span>
    </p>
  )
}
