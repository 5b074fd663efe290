'use client'

import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { restoreAction } from '../../../actions'

/** Makes this text the draft. Asks first where somebody's draft would be replaced; publishing stays an act of its own. */
export function RestoreButton({ revision, draftBy }: { revision: number; draftBy: string | null }) {
  if (draftBy === null) {
    return (
      <Form action={restoreAction}>
        <input type="hidden" name="revision" value={revision} />
        <SubmitButton icon="edit">Restore as draft</SubmitButton>
      </Form>
    )
  }
  return (
    <ConfirmDialog
      trigger={<Button icon="edit">Restore as draft</Button>}
      title={`Replace the draft by r${revision}?`}
      verb="Replace the draft"
      action={restoreAction}
      fields={{ revision: String(revision) }}
    >
      The draft that {draftBy} saved is thrown away. What is in force does not change until you publish.
    </ConfirmDialog>
  )
}
