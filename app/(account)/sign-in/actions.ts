'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { type FormState, keepTyped, readFields } from '@/components/form/form-state'
import { browserOf } from '@/lib/auth/browser'
import { rememberSession } from '@/lib/auth/current-user'
import { returnPath } from '@/lib/auth/return-path'
import { signIn } from '@/lib/auth/sign-in'

export async function signInAction(_state: FormState, data: FormData): Promise<FormState> {
  const answer = await signIn(readFields(data), browserOf(await headers()))
  if (!answer.signedIn) return { status: 'refused', message: answer.message, errors: {}, values: keepTyped(data) }
  await rememberSession(answer.sessionId)
  redirect(returnPath(data.get('to')))
}
