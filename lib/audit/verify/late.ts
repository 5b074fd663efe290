import { uuidTime } from '@/lib/db/uuid'

/** When each proxy began its first chain, as the chain's own name says: Unix ms. */
export function chainStarts(
  parts: readonly { readonly chain: string; readonly proxy: string | null }[],
): ReadonlyMap<string, number> {
  const began = new Map<string, number>()
  for (const { chain, proxy } of parts) {
    const at = uuidTime(chain)
    if (proxy !== null && at !== null) began.set(proxy, Math.min(at, began.get(proxy) ?? at))
  }
  return began
}

/** Whether a record without a place was decided when its proxy kept a chain. An outcome names no proxy: any one counts. */
export function isLate(record: string, began: ReadonlyMap<string, number>): boolean {
  const { proxy, time, decision_time }: Record<string, unknown> = JSON.parse(record)
  const at = Date.parse(String(time ?? decision_time))
  const start = typeof proxy === 'string' ? began.get(proxy) : Math.max(...began.values())
  return start !== undefined && at > start
}
