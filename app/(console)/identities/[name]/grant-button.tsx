'use client'

import { useState } from 'react'
import { SelectField, TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { Dialog, DialogClose } from '@/components/ui/dialog'
import { useToast } from '@/components/ui/toast'
import type { Category } from '@/lib/catalogue/model'
import { addGrantAction } from '../actions'
import { EndFields } from './end-fields'
import { ToolChoice } from './tool-choice'

/** A server with the names that a grant can say. */
export interface ServerChoice {
  readonly slug: string
  readonly tools: readonly { readonly name: string; readonly category: Category }[]
}

/** Grants tools of a server, shown as they are matched before anything is granted. */
export function GrantButton({
  identity,
  choices,
  isDisabled,
}: {
  identity: string
  choices: readonly ServerChoice[]
  isDisabled: boolean
}) {
  const [open, setOpen] = useState(false)
  const [slug, setSlug] = useState(choices[0]?.slug ?? '')
  const toast = useToast()
  const server = choices.find(choice => choice.slug === slug)
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      width="wide"
      title={`Grant tools to ${identity}`}
      description="Policies still decide each call; a grant only lets it be asked."
      trigger={
        <Button kind="act" icon="plus" disabled={isDisabled || choices.length === 0}>
          Grant tools
        </Button>
      }
    >
      <Form
        action={addGrantAction}
        className="mt-4 flex flex-col gap-4"
        onDone={() => {
          setOpen(false)
          toast({ text: `Granted on ${slug}` })
        }}
      >
        <input type="hidden" name="identity" value={identity} />
        <SelectField name="server" label="Server" value={slug} onChange={event => setSlug(event.target.value)}>
          {choices.map(choice => (
            <option key={choice.slug} value={choice.slug}>
              {choice.slug}
            </option>
          ))}
        </SelectField>
        <ToolChoice key={slug} server={slug} tools={server?.tools ?? []} />
        <EndFields label="Lasts" first="720" />
        <TextField
          name="reason"
          label="Reason"
          optional
          maxLength={500}
          autoComplete="off"
          hint="Stands beside the grant and in the change record."
        />
        <div className="-mx-5 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
          <DialogClose />
          <SubmitButton kind="act">Grant</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
