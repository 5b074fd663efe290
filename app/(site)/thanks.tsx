'use client'

import { type ReactNode, useEffect, useRef } from 'react'
import { Icon } from '@/components/ui/icon'

/** Stands where the form stood. Takes the focus, so that a screen reader says it. */
export function Thanks({ title, children }: { title: string; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.focus(), [])
  return (
    <div ref={place} tabIndex={-1} role="status" className="outline-none">
      <p className="flex items-center gap-2 text-md font-head">
        <Icon name="check" className="text-ok" />
        {title}
      </p>
      <p className="mt-2 max-w-[46ch] text-md text-ink-2">{children}</p>
    </div>
  )
}
