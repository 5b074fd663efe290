'use client'

import { type KeyboardEvent, type PointerEvent, useEffect, useSyncExternalStore } from 'react'

const KEY = 'intercept.panel'
const NARROWEST = 400
const WIDEST = 720
const USUAL = 448
const STEP = 16

const bounded = (width: number) => Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)))

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function keptWidth(): number {
  const kept = Number(localStorage.getItem(KEY))
  return kept > 0 ? bounded(kept) : USUAL
}

function keep(width: number): void {
  localStorage.setItem(KEY, String(bounded(width)))
  for (const listener of listeners) listener()
}

/** The edge of a panel, to be dragged or moved by arrow keys; the width, in px, is kept in this browser. */
export function PanelResizer() {
  const width = useSyncExternalStore(subscribe, keptWidth, () => USUAL)
  useEffect(() => {
    document.documentElement.style.setProperty('--panel', `${width}px`)
  }, [width])
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key]
    if (by === undefined) return
    keep(width + by)
    event.preventDefault()
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) keep(window.innerWidth - event.clientX)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this is WAI-ARIA's window splitter
    <div
      role="separator"
      tabIndex={0}
      aria-label="Width of the panel"
      aria-orientation="vertical"
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      aria-valuenow={width}
      className="group absolute inset-y-0 -left-1 z-panel w-2 cursor-col-resize touch-none max-md:hidden"
      onKeyDown={onKeyDown}
      onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
    >
      <span className="sticky top-[50dvh] mx-auto block h-8 w-[5px] rounded-1 bg-sheet edge-strong group-hover:bg-accent-tint" />
    </div>
  )
}
