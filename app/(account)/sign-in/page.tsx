import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Note } from '@/components/ui/note'
import { signedInMember } from '@/lib/auth/current-user'
import { isWaitingForFirstOwner } from '@/lib/auth/links'
import { returnPath } from '@/lib/auth/return-path'
import { PageHead } from '../page-head'
import { signInAction } from './actions'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ to?: string | string[] }> }) {
  const to = returnPath((await searchParams).to)
  if (await signedInMember()) redirect(to)
  return (
    <>
      <PageHead title="Sign in" />
      {(await isWaitingForFirstOwner()) ? (
        <Note tone="warn" className="mb-6">
          This Intercept has no owner yet. Open the one-time link that <code className="font-mono">npm start</code>{' '}
          printed; a restart prints a new one.
        </Note>
      ) : null}
      <Form action={signInAction} className="flex flex-col gap-4">
        <input type="hidden" name="to" value={to} />
        <TextField name="email" type="email" label="E-mail" large autoComplete="username" autoFocus required />
        <TextField
          name="password"
          type="password"
          label="Password"
          large
          autoComplete="current-password"
          hint={
            <>
              Lost it? Ask an owner for a one-time link, or run <code className="font-mono">intercept user reset</code>{' '}
              on the host.
            </>
          }
          required
        />
        <SubmitButton kind="ink" size="large" className="mt-2">
          Sign in
        </SubmitButton>
      </Form>
    </>
  )
}
