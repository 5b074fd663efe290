'use client'

import { z } from 'zod'
import { TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Email, MemberName, NewPassword, PASSWORD_RULES } from '@/lib/auth/members'
import { setUpAction } from './actions'

const schema = z.object({ name: MemberName, email: Email, password: NewPassword })

export function SetUpForm({ token }: { token: string }) {
  return (
    <Form action={setUpAction} schema={schema} className="flex flex-col gap-4">
      <input type="hidden" name="token" value={token} />
      <TextField name="name" label="Name" large autoComplete="name" autoFocus hint="As change records show it." />
      <TextField name="email" type="email" label="E-mail" large autoComplete="username" />
      <TextField
        name="password"
        type="password"
        label="Password"
        large
        autoComplete="new-password"
        hint={PASSWORD_RULES}
      />
      <SubmitButton kind="ink" size="large" className="mt-2">
        Create the owner
      </SubmitButton>
    </Form>
  )
}
