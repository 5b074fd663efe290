'use client'

import { DiffView } from '@/components/code-editor/diff-view'
import { Button } from '@/components/ui/button'
import { Note } from '@/components/ui/note'
import { Sheet } from '@/components/ui/sheet'
import type { PolicyAnswer } from '../actions'

/** Two people wrote at once. Nothing was written, and nothing typed is lost: both texts are here to choose from. */
export function ConflictNote({
  conflict,
  mine,
  isHydrated,
  onTakeTheirs,
  onKeepMine,
}: {
  conflict: Extract<PolicyAnswer, { kind: 'conflict' }>
  mine: string
  isHydrated: boolean
  onTakeTheirs: () => void
  onKeepMine: () => void
}) {
  return (
    <div className="flex flex-col gap-3">
      <Note tone="warn" role="alert">
        <p>{conflict.message}</p>
        <p className="mt-1 text-ink-2">Nothing was written. Below is what your text has and the other has not.</p>
        {isHydrated ? (
          <div className="mt-3 flex flex-wrap gap-2">
            <Button size="small" onClick={onTakeTheirs}>
              Take the other text
            </Button>
            <Button size="small" onClick={onKeepMine}>
              Keep mine, on top of it
            </Button>
          </div>
        ) : (
          <p className="mt-1">Saving again puts your text on top of it; reloading takes the other.</p>
        )}
      </Note>
      <Sheet>
        <DiffView before={conflict.theirs} after={mine} label="What your text has and the other has not" />
      </Sheet>
    </div>
  )
}
