import type { ReactNode } from 'react'

/** A key cap, beside the act that it does. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-grid h-4.5 min-w-4.5 place-items-center rounded-1 border border-line-strong bg-sheet px-1 align-middle font-sans text-2xs leading-none font-label text-ink-2">
      {children}
    </kbd>
  )
}
