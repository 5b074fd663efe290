'use client'

import { useSyncExternalStore } from 'react'

const never = () => () => undefined

/** False in what the server writes and where scripts do not run: what only scripts know must not turn acts off there. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
