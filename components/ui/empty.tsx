import type { ReactNode } from 'react'
import { Icon } from './icon'

/** Says what would be here and how to get the first one. Lies on a `Sheet`. */
export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-3 px-6 py-8">
      <h2 className="text-md font-head">{title}</h2>
      {children ? <div className="flex max-w-[46ch] flex-col gap-3 text-ink-2">{children}</div> : null}
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  )
}

/** Says what failed, what still holds and what to do. Lies on a `Sheet`. */
export function ErrorNote({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-3 px-6 py-8">
      <h2 className="flex items-center gap-2 text-md font-head">
        <Icon name="error" className="text-bad" />
        {title}
      </h2>
      {children ? <div className="max-w-[46ch] text-ink-2">{children}</div> : null}
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  )
}
