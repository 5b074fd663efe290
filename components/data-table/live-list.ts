import type { DecisionRow } from '@/lib/audit/queries'

/** A list that grows at its top: what is shown, and what waits while it must not move. Newest first. */
export interface LiveList {
  readonly shown: readonly DecisionRow[]
  readonly waiting: readonly DecisionRow[]
}

/** More than this many waiting are shown as `99+`, and only the newest of them are kept. */
export const MOST_WAITING = 100

const isNewer = (a: DecisionRow, b: DecisionRow) =>
  a.time.getTime() - b.time.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** One row an id, the later one of two, since a call comes again with its outcome. */
function merged(...lists: readonly (readonly DecisionRow[])[]): DecisionRow[] {
  const byId = new Map(lists.flat().map(row => [row.id, row]))
  return [...byId.values()].sort((a, b) => isNewer(b, a))
}

/**
 * Rows that were just shipped: those shown already change in place; the others go on top, or wait while `isHeld`. What is
 * older than the end of the list belongs to another page.
 */
export function withArrived(list: LiveList, arrived: readonly DecisionRow[], isHeld: boolean): LiveList {
  const ids = new Set(list.shown.map(row => row.id))
  const last = list.shown.at(-1)
  const known = arrived.filter(row => ids.has(row.id))
  const fresh = arrived.filter(row => !ids.has(row.id) && (!last || isNewer(row, last) > 0))
  const changed = { shown: merged(list.shown, known), waiting: merged(list.waiting, fresh).slice(0, MOST_WAITING) }
  return isHeld ? changed : released(changed)
}

/** What waited goes on top. */
export function released({ shown, waiting }: LiveList): LiveList {
  return waiting.length === 0 ? { shown, waiting } : { shown: merged(shown, waiting), waiting: [] }
}

/** The page read anew: the list becomes it, or, held, only learns from it. Rows that it does not have yet stay on top. */
export function withPage(list: LiveList, page: readonly DecisionRow[], isHeld: boolean): LiveList {
  if (isHeld && list.shown.length > 0) return withArrived(list, page, true)
  const [first] = page
  const still = first ? [...list.shown, ...list.waiting].filter(row => isNewer(row, first) > 0) : []
  return { shown: merged(still, page), waiting: [] }
}

/** Older rows, found by searching on. */
export function withOlder({ shown, waiting }: LiveList, older: readonly DecisionRow[]): LiveList {
  return { shown: merged(shown, older), waiting }
}
