'use server'

import type { StripAnswer } from '@/components/shell/strip'
import { readStrip } from '@/lib/audit/queries'
import { signedInActor } from '@/lib/auth/current-user'

/** What is in force now. Never throws: without the database the strip says so. */
export async function askStrip(): Promise<StripAnswer> {
  try {
    const actor = await signedInActor()
    return actor ? { state: 'known', view: await readStrip(actor) } : { state: 'signed-out' }
  } catch {
    return { state: 'away' }
  }
}
