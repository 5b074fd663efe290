'use client'

import { type ReactNode, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog, DialogClose } from '@/components/ui/dialog'
import { TextField } from './fields'
import { Form } from './form'
import type { FormAction, FormState } from './form-state'
import { SubmitButton } from './submit-button'

/**
 * Asks before something ends. Names the thing, says what stops and when, asks for the name where it cannot be undone,
 * and repeats the verb on the button. `fields` go to the action with the form.
 */
export function ConfirmDialog<Result>({
  trigger,
  title,
  children,
  verb,
  typed,
  action,
  fields = {},
  onDone,
}: {
  trigger: ReactNode
  title: string
  /** What stops, and when. */
  children: ReactNode
  /** The button: *Disable ops-agent*. */
  verb: string
  /** The name to type, where there is no way back. */
  typed?: string
  action: FormAction<Result>
  fields?: Readonly<Record<string, string>>
  onDone?: (state: FormState<Result>) => void
}) {
  const [open, setOpen] = useState(false)
  const schema = typed === undefined ? undefined : nameSchema(typed)
  return (
    <Dialog trigger={trigger} open={open} onOpenChange={setOpen} title={title} description={children}>
      <Form
        action={action}
        {...(schema ? { schema } : {})}
        onDone={state => {
          setOpen(false)
          onDone?.(state)
        }}
        className="mt-4"
      >
        {Object.entries(fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {typed === undefined ? null : (
          <TextField
            name="confirm"
            mono
            autoComplete="off"
            spellCheck={false}
            label={
              <>
                Type <b className="font-mono">{typed}</b> to go on
              </>
            }
          />
        )}
        <div className="-mx-5 mt-5 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <SubmitButton kind="stop-now">{verb}</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}

/** Holds when the typed name is the name, letter by letter. */
function nameSchema(expected: string) {
  return {
    safeParse(input: unknown) {
      const typed = (input as { confirm?: string }).confirm ?? ''
      if (typed.trim() === expected) return { success: true as const }
      const message = `Type ${expected} as it is written.`
      return { success: false as const, error: { issues: [{ path: ['confirm'], message }] } }
    },
  }
}
