'use server'

import { redirect } from 'next/navigation'
import { signOut } from '@/lib/auth/current-user'

/** For the shell's *Sign out*: `<form action={signOutAction}>`. */
export async function signOutAction(): Promise<void> {
  await signOut()
  redirect('/sign-in')
}
