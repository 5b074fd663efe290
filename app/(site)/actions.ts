'use server'

import { headers } from 'next/headers'
import { type FormState, readFields } from '@/components/form/form-state'
import { runAction } from '@/components/form/run-action'
import { browserOf } from '@/lib/auth/browser'
import { requestEarlyAccess, sendMessage } from '@/lib/site/commands'

export async function earlyAccessAction(_state: FormState<void>, data: FormData): Promise<FormState<void>> {
  return runAction(data, async () => requestEarlyAccess(browserOf(await headers()).source, readFields(data)))
}

export async function messageAction(_state: FormState<void>, data: FormData): Promise<FormState<void>> {
  return runAction(data, async () => sendMessage(browserOf(await headers()).source, readFields(data)))
}
