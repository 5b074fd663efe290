import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'

/** Batches are numbered before they are committed: so many before the newest one may still be on their way. */
const STILL_COMING = 20

/** Where a live tail must begin, so that a page whose rows are read after this misses none. @throws Refusal */
export async function readTailPlace(actor: Actor): Promise<number> {
  authorise(actor, 'read')
  const [row] = await database().sql.query<{ id: string | null }>('SELECT max(id) AS id FROM record_batches')
  return Math.max(0, Number(row?.id ?? 0) - STILL_COMING)
}
