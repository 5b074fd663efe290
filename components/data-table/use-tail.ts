'use client'

import { useEffect, useRef, useState } from 'react'
import type { DecisionRow } from '@/lib/audit/queries'

/** `off`: nothing to follow. `waiting`: not connected, and trying. `refused`: it will not be followed; `words` may say why. */
export type TailState = { is: 'off' | 'waiting' | 'live' } | { is: 'refused'; words: string }

/** The page's own rows are fresh: whoever only passes through opens no stream. */
const FIRST_AFTER_MS = 1_500
/** Rows that come close together are shown together, so that a busy record does not flicker and is not read aloud by the row. */
const GATHER_MS = 500
/** A page that was told of more than it got reads itself anew at most this often. */
const LOST_EVERY_MS = 5_000
const REFUSED = 'New records are not shown as they come just now: this page reads itself anew instead.'

type Event = { rows: (Omit<DecisionRow, 'time'> & { time: string })[]; isCut: boolean }

/** Follows the record from `href` on while somebody looks at the page; a stream that breaks comes back where it was. */
export function useTail(href: string | null, onRows: (rows: DecisionRow[]) => void, onLost: () => void): TailState {
  const [state, setState] = useState<TailState>({ is: href ? 'waiting' : 'off' })
  const handlers = useRef({ onRows, onLost })
  useEffect(() => {
    handlers.current = { onRows, onLost }
  })
  useEffect(() => {
    if (!href) return
    let source: EventSource | undefined
    let gathered: DecisionRow[] = []
    let lostAt = 0
    const flush = () => {
      if (gathered.length > 0) handlers.current.onRows(gathered)
      gathered = []
    }
    const flushing = setInterval(flush, GATHER_MS)
    const open = () => {
      source = new EventSource(href)
      source.addEventListener('ready', () => setState({ is: 'live' }))
      source.addEventListener('records', event => {
        const { rows, isCut } = JSON.parse(event.data) as Event
        for (const row of rows) gathered.push({ ...row, time: new Date(row.time) })
        if (!isCut || Date.now() - lostAt < LOST_EVERY_MS) return
        lostAt = Date.now()
        handlers.current.onLost()
      })
      source.addEventListener('end', event => {
        const { why, words } = JSON.parse(event.data) as { why: string; words: string }
        // A console that stops comes back, and the browser finds it by itself.
        if (why === 'stopping') return setState({ is: 'waiting' })
        source?.close()
        setState({ is: 'refused', words })
      })
      source.onerror = () =>
        setState(source?.readyState === EventSource.CLOSED ? { is: 'refused', words: REFUSED } : { is: 'waiting' })
    }
    const timer = setTimeout(open, FIRST_AFTER_MS)
    return () => {
      clearTimeout(timer)
      clearInterval(flushing)
      source?.close()
    }
  }, [href])
  return state
}
