'use client'

import Link from 'next/link'
import { Button } from '@/components/ui/button'
import { classes } from '@/components/ui/classes'
import { MOST_WAITING } from './live-list'
import type { TailState } from './use-tail'

/** The line over a list that follows the record. It is always there, so that nothing moves when something comes. */
export function LiveBar({
  state,
  isPaused,
  onPause,
  waiting,
  onShow,
  showHref,
}: {
  state: TailState
  isPaused: boolean
  onPause: (isPaused: boolean) => void
  /** Records that wait to be shown. */
  waiting: number
  onShow: () => void
  /** Where they are shown, when the address itself holds the list. */
  showHref: string | undefined
}) {
  const count = `${waiting >= MOST_WAITING ? `${MOST_WAITING - 1}+` : waiting} new`
  const show = 'underline underline-offset-3 cursor-pointer'
  return (
    <div
      className={classes(
        'flex h-8 items-center gap-2 border-b border-line px-4 text-xs coarse:h-11 md:px-6',
        waiting > 0 ? 'bg-accent-tint font-label text-accent-ink' : 'text-ink-3',
      )}
    >
      <span role="status" aria-live="polite" className="cut">
        {waiting > 0 ? `${count}, held while ${isPaused ? 'paused' : 'you read'}` : wordsOf(state, isPaused)}
      </span>
      {waiting > 0 ? (
        showHref ? (
          <Link href={showHref} scroll={false} className={show}>
            show
          </Link>
        ) : (
          <button type="button" onClick={onShow} className={show}>
            show
          </button>
        )
      ) : null}
      {state.is === 'live' || isPaused ? (
        <Button
          kind="quiet"
          size="small"
          className="ml-auto"
          aria-pressed={isPaused}
          onClick={() => onPause(!isPaused)}
        >
          {isPaused ? 'Follow' : 'Pause'}
        </Button>
      ) : null}
    </div>
  )
}

function wordsOf(state: TailState, isPaused: boolean): string {
  if (isPaused) return 'Paused: new records wait here'
  if (state.is === 'live') return 'Following: new records come as they are recorded'
  if (state.is === 'refused') return state.words
  return 'Connecting to follow the record'
}
