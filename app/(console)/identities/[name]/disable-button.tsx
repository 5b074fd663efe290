'use client'

import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { useToast } from '@/components/ui/toast'
import { announced } from '../../announced'
import { disableIdentityAction, enableIdentityAction } from '../actions'

export function DisableButton({
  identity,
  isDisabled,
  keys,
  grants,
}: {
  identity: string
  isDisabled: boolean
  keys: number
  grants: number
}) {
  const toast = useToast()
  if (isDisabled) {
    return (
      <Form action={announced(enableIdentityAction, () => toast({ text: `${identity} is enabled` }))}>
        <input type="hidden" name="identity" value={identity} />
        <SubmitButton>Enable</SubmitButton>
      </Form>
    )
  }
  return (
    <ConfirmDialog
      trigger={<Button kind="stop">Disable</Button>}
      title={`Disable ${identity}?`}
      verb={`Disable ${identity}`}
      typed={identity}
      action={announced(disableIdentityAction, () => toast({ text: `${identity} is disabled` }))}
      fields={{ identity }}
    >
      {keys === 1 ? 'Its key stops' : `Its ${keys} keys stop`} working on every proxy within a second.{' '}
      {grants === 1 ? 'Its grant stays' : `Its ${grants} grants stay`} and {grants === 1 ? 'comes' : 'come'} back when
      you enable it.
    </ConfirmDialog>
  )
}
