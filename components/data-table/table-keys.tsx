'use client'

import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Dialog, DialogClose } from '@/components/ui/dialog'
import { Kbd } from '@/components/ui/kbd'

const keys = [
  ['J', 'next row'],
  ['K', 'row before'],
  ['Enter', 'open the row'],
  ['Esc', 'close the panel'],
  ['/', 'filter'],
  ['?', 'this list'],
] as const

/** The keys of a list. With a panel open, J and K open the next one; else they walk the rows. */
export function TableKeys({
  closeHref,
  children,
}: {
  /** The view without the panel; left out while none is open. */
  closeHref?: string | undefined
  children: ReactNode
}) {
  const router = useRouter()
  const list = useRef<HTMLDivElement>(null)
  const [isListed, setListed] = useState(false)

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isElsewhere(event)) return
      if (event.key === 'j') step(list.current, 1, href => closeHref && router.push(href, { scroll: false }))
      else if (event.key === 'k') step(list.current, -1, href => closeHref && router.push(href, { scroll: false }))
      else if (event.key === 'Escape' && closeHref) router.push(closeHref, { scroll: false })
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-filter-trigger]')?.click()
      else if (event.key === '?') setListed(true)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [closeHref, router])

  return (
    <div ref={list} className="min-w-0 flex-1">
      {children}
      <Dialog
        open={isListed}
        onOpenChange={setListed}
        title="Keys of this list"
        footer={<DialogClose>Close</DialogClose>}
      >
        <dl className="mt-3 grid grid-cols-[64px_1fr] gap-y-2">
          {keys.map(([key, act]) => (
            <div key={key} className="contents">
              <dt>
                <Kbd>{key}</Kbd>
              </dt>
              <dd className="text-ink-2">{act}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </div>
  )
}

/** Typing, a shortcut of the browser, or something open in front of the list. */
function isElsewhere(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  if (document.querySelector('[role="dialog"],[role="menu"]')) return true
  return event.target instanceof HTMLElement && event.target.closest('input,textarea,select,[contenteditable]') !== null
}

/** Focuses the row beside the one that has the focus or is selected, and says where it leads. */
function step(list: HTMLElement | null, by: 1 | -1, opened: (href: string) => void): void {
  const rows = [...(list?.querySelectorAll<HTMLAnchorElement>('a[data-row]') ?? [])].filter(
    row => row.offsetParent !== null,
  )
  const focused = rows.indexOf(document.activeElement as HTMLAnchorElement)
  const at = focused >= 0 ? focused : rows.findIndex(row => row.dataset.row === 'selected')
  const next = rows[at < 0 ? 0 : at + by]
  if (!next) return
  next.focus({ preventScroll: true })
  next.closest('tr,li')?.scrollIntoView({ block: 'nearest' })
  opened(next.href)
}
