'use client'

import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { useToast } from '@/components/ui/toast'
import { announced } from '../announced'
import { disableMemberAction, enableMemberAction, type MemberLink, resetMemberAction } from './actions'
import { ShownLink } from './shown-link'

/** A new password link, and whether the member may sign in. */
export function MemberActs({ email, isDisabled }: { email: string; isDisabled: boolean }) {
  const [shown, setShown] = useState<MemberLink | null>(null)
  const toast = useToast()
  if (isDisabled) {
    return (
      <Form action={announced(enableMemberAction, () => toast({ text: `${email} may sign in again` }))}>
        <input type="hidden" name="email" value={email} />
        <SubmitButton kind="quiet" size="small">
          Enable
        </SubmitButton>
      </Form>
    )
  }
  return (
    <span className="inline-flex flex-wrap justify-end gap-1">
      {shown ? <ShownLink shown={shown} onDone={() => setShown(null)} /> : null}
      <ConfirmDialog
        trigger={
          <Button kind="quiet" size="small">
            Password link
          </Button>
        }
        title={`Make a password link for ${email}?`}
        verb="Make the link"
        action={resetMemberAction}
        fields={{ email }}
        onDone={({ result }) => setShown(result ?? null)}
      >
        Whoever opens it sets a new password and signs in; the sessions that are open then end. Earlier links stop
        working.
      </ConfirmDialog>
      <ConfirmDialog
        trigger={
          <Button kind="quiet" size="small">
            Disable
          </Button>
        }
        title={`Disable ${email}?`}
        verb="Disable member"
        action={announced(disableMemberAction, () => toast({ text: `${email} is disabled` }))}
        fields={{ email }}
      >
        Their sessions end with the next request, and they cannot sign in until somebody enables them. What they did
        stays in the change record.
      </ConfirmDialog>
    </span>
  )
}
