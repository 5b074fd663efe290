import type { ReactNode } from 'react'

/** What this page is for, and one sentence of facts. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="mb-6">
      <h1 className="text-xl font-head tracking-head">{title}</h1>
      {children ? <p className="mt-1 text-sm text-ink-2">{children}</p> : null}
    </div>
  )
}
