import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { isSearch, type RecordFilter } from '../filter/model'

/**
 * Every read of a view asks here first. Whoever may not read arguments may not look into them either: whether a record is in
 * the list would tell, one guess at a time, what was kept from them.
 * @throws Refusal `forbidden`
 */
export function authoriseView(actor: Actor, filter: RecordFilter): void {
  authorise(actor, 'read')
  if (isSearch(filter)) authorise(actor, 'read.arguments')
}
