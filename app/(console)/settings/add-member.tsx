'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { Dialog, DialogClose } from '@/components/ui/dialog'
import { Role } from '@/lib/auth/model'
import { addMemberAction, type MemberLink } from './actions'
import { RoleChoice } from './role-choice'
import { ShownLink } from './shown-link'

/** Adds a member; they choose their own password by a link that is shown once. */
export function AddMember({ mayOwn }: { mayOwn: boolean }) {
  const [open, setOpen] = useState(false)
  const [shown, setShown] = useState<MemberLink | null>(null)
  const router = useRouter()
  if (shown) {
    const done = () => {
      setShown(null)
      setOpen(false)
      router.refresh()
    }
    return <ShownLink shown={shown} onDone={done} />
  }
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Add a member"
      description="You get a link to hand to them, with which they choose a password."
      trigger={
        <Button size="small" icon="plus">
          Add member
        </Button>
      }
    >
      <Form
        action={addMemberAction}
        className="mt-4 flex flex-col gap-4"
        onDone={({ result }) => setShown(result ?? null)}
      >
        <TextField name="email" type="email" label="E-mail" required autoComplete="off" />
        <TextField name="name" label="Name" required autoComplete="off" />
        <RoleChoice roles={Role.options.filter(role => mayOwn || role !== 'owner')} />
        <div className="-mx-5 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
          <DialogClose />
          <SubmitButton kind="ink">Add member</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
