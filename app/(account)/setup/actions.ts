'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { type FormState, readFields } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { browserOf } from '@/lib/auth/browser'
import { rememberSession } from '@/lib/auth/current-user'
import { HOME } from '@/lib/auth/return-path'
import { setUpFirstOwner } from '@/lib/auth/set-up'

export async function setUpAction(_state: FormState, data: FormData): Promise<FormState> {
  return runAction(data, async () => {
    await rememberSession(await setUpFirstOwner(readFields(data), browserOf(await headers())))
    redirect(HOME)
  })
}
