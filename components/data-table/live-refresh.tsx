'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/** After this long without a hand on the page it rests, so that a forgotten tab reads nothing. */
const REST_MS = 15 * 60_000
/** Scrolled further than this, rows must not move under the reader, in px. */
const SCROLLED_PX = 160

/**
 * Reads the page anew while somebody looks at it. With `holdHref` (the view that stands still where it is now) a list that
 * is scrolled is held there first: new rows are then counted on top instead of pushing the others down. With `releaseHref`
 * a held list moves again once it is scrolled back to its top.
 */
export function LiveRefresh({
  everyMs,
  holdHref,
  holdsAlways = false,
  releaseHref,
}: {
  /** null: the view's time is over, so nothing can change. */
  everyMs: number | null
  holdHref?: string | undefined
  /** A row is open: hold the list wherever it is scrolled. */
  holdsAlways?: boolean
  releaseHref?: string | undefined
}) {
  const router = useRouter()
  useEffect(() => {
    if (everyMs === null) return
    let touchedAt = Date.now()
    const touch = () => {
      touchedAt = Date.now()
    }
    const timer = setInterval(() => {
      if (document.hidden || Date.now() - touchedAt > REST_MS) return
      const isScrolled = window.scrollY > SCROLLED_PX
      if (holdHref && (isScrolled || holdsAlways)) router.replace(holdHref, { scroll: false })
      else if (!isScrolled && releaseHref) router.replace(releaseHref, { scroll: false })
      else router.refresh()
    }, everyMs)
    const events = ['pointerdown', 'pointermove', 'keydown', 'scroll'] as const
    for (const event of events) addEventListener(event, touch, { passive: true })
    return () => {
      clearInterval(timer)
      for (const event of events) removeEventListener(event, touch)
    }
  }, [router, everyMs, holdHref, holdsAlways, releaseHref])
  return null
}
