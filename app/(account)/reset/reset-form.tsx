'use client'

import { z } from 'zod'
import { TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { NewPassword, PASSWORD_RULES } from '@/lib/auth/members'
import { resetAction } from './actions'

const schema = z.object({ password: NewPassword })

export function ResetForm({ token }: { token: string }) {
  return (
    <Form action={resetAction} schema={schema} className="flex flex-col gap-4">
      <input type="hidden" name="token" value={token} />
      <TextField
        name="password"
        type="password"
        label="New password"
        large
        autoComplete="new-password"
        autoFocus
        hint={PASSWORD_RULES}
      />
      <SubmitButton kind="ink" size="large" className="mt-2">
        Set the password
      </SubmitButton>
    </Form>
  )
}
