'use client'

import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useReducer, useRef, useState } from 'react'
import type { DecisionRow } from '@/lib/audit/queries'
import { DecisionTable } from './decision-table'
import { type FoundFurther, ListFoot, SearchFoot } from './list-foot'
import { LiveBar } from './live-bar'
import { type LiveList, released, withArrived, withOlder, withPage } from './live-list'
import { LiveRefresh } from './live-refresh'
import { useTail } from './use-tail'

/** Charts follow at this pace while the rows come by themselves, in milliseconds. */
const CHART_EVERY_MS = 30_000
/** Scrolled further than this, rows must not move under the reader, in px. */
const SCROLLED_PX = 160
/** A list that grew so long is read anew, so that its end and its way on agree. */
const LONGEST = 300

export interface LiveDecisionsProps {
  rows: readonly DecisionRow[]
  /** End of the view's time, excluded. */
  until: Date
  names: Readonly<Record<string, string>>
  selected?: string | undefined
  /** The view without cursor, row or hold. */
  viewHref: string
  /** Where older rows begin, and how far back was looked if the page is not full. */
  older: string | null
  searchedBackTo: Date | null
  /** More of a search, while it goes on. */
  further?: Promise<FoundFurther> | undefined
  /** The page is not the newest one: it stands as it is. */
  before?: string | undefined
  /** The address holds the list here, as it does while a row is open. */
  hold?: string | undefined
  /** Records that came after `hold`. */
  newer: number
  /** Of its stream; null when nothing can come. */
  tailHref: string | null
  everyMs: number | null
  /** Shown in place of a list without rows. */
  empty: ReactNode
}

type Act =
  | { do: 'page' | 'arrive'; rows: readonly DecisionRow[]; isHeld: boolean }
  | { do: 'older' | 'replace'; rows: readonly DecisionRow[] }
  | { do: 'release' }

function reduce(list: LiveList, act: Act): LiveList {
  if (act.do === 'page') return withPage(list, act.rows, act.isHeld)
  if (act.do === 'arrive') return withArrived(list, act.rows, act.isHeld)
  if (act.do === 'replace') return { shown: act.rows, waiting: [] }
  return act.do === 'older' ? withOlder(list, act.rows) : released(list)
}

/** Decision records that come as they are recorded; nothing moves under a pointer, a reader or an open row. */
export function LiveDecisions(props: LiveDecisionsProps) {
  const { rows, viewHref, hold, before, further } = props
  const router = useRouter()
  const [list, dispatch] = useReducer(reduce, { shown: rows, waiting: [] })
  const [isPaused, setPaused] = useState(false)
  const [found, setFound] = useState<FoundFurther>()
  const [isOver, setOver] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const isHeld = () =>
    isPaused || hold !== undefined || isOver || window.scrollY > SCROLLED_PX || hasFocus(place.current)
  const held = useRef({ isHeld, hold })
  const heldBefore = useRef(hold)
  useEffect(() => {
    held.current = { isHeld, hold }
  })
  // The address of the first rendering: reading the page anew must not connect anew.
  const [tailHref] = useState(props.tailHref)
  const state = useTail(
    tailHref,
    arrived => dispatch({ do: 'arrive', rows: arrived, isHeld: isHeld() }),
    () => router.refresh(),
  )
  useEffect(() => {
    const { isHeld: asks, hold: holdNow } = held.current
    // Held by its address the list is what was read; let go of there, it is so once more.
    const isByAddress = holdNow !== undefined || heldBefore.current !== undefined
    heldBefore.current = holdNow
    dispatch(isByAddress ? { do: 'replace', rows } : { do: 'page', rows, isHeld: asks() })
  }, [rows])
  useEffect(() => {
    further?.then(page => {
      dispatch({ do: 'older', rows: page.rows })
      setFound(page)
    })
  }, [further])
  useRelease(list.waiting.length > 0, isHeld, () => dispatch({ do: 'release' }))
  const { shown, waiting } = list
  useEffect(() => {
    if (shown.length > LONGEST) router.refresh()
  }, [shown.length, router])

  const [newest] = shown
  const holdHere = before ? undefined : (hold ?? (newest && `${newest.time.getTime()}.${newest.id}`))
  const hrefOf = (id: string) => addressOf(viewHref, { before, decision: id, hold: holdHere })
  const end = found ?? { older: props.older, searchedBackTo: props.searchedBackTo }
  return (
    <div ref={place} onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
      {before ? null : (
        <LiveRefresh
          everyMs={props.everyMs === null ? null : state.is === 'live' ? CHART_EVERY_MS : props.everyMs}
          releaseHref={hold && !props.selected ? viewHref : undefined}
        />
      )}
      {tailHref || hold ? (
        <LiveBar
          state={state}
          isPaused={isPaused}
          onPause={setPaused}
          waiting={waiting.length + props.newer}
          onShow={() => dispatch({ do: 'release' })}
          showHref={hold ? addressOf(viewHref, { decision: props.selected }) : undefined}
        />
      ) : null}
      {shown.length === 0 && !(further && !found) ? (
        props.empty
      ) : (
        <DecisionTable rows={shown} until={props.until} names={props.names} selected={props.selected} hrefOf={hrefOf} />
      )}
      <SearchFoot isSearching={further !== undefined && !found} end={end} viewHref={viewHref} />
      {shown.length > 0 && !end.searchedBackTo ? (
        <ListFoot
          shown={shown.length}
          newestHref={before ? viewHref : null}
          olderHref={end.older ? addressOf(viewHref, { before: end.older }) : null}
        />
      ) : null}
    </div>
  )
}

/** Lets what waits go on top as soon as nothing holds the list. */
function useRelease(isWaiting: boolean, isHeld: () => boolean, release: () => void): void {
  useEffect(() => {
    if (!isWaiting) return
    const look = () => {
      if (!isHeld()) release()
    }
    look()
    addEventListener('scroll', look, { passive: true })
    return () => removeEventListener('scroll', look)
  })
}

/** Whether somebody walks the rows by key. */
function hasFocus(place: HTMLElement | null): boolean {
  return place?.querySelector('a[data-row]:focus') != null
}

function addressOf(viewHref: string, also: Readonly<Record<string, string | undefined>>): string {
  const more = Object.entries(also).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return more.length === 0 ? viewHref : `${viewHref}&${new URLSearchParams(more)}`
}
