'use client'

import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import type { MemberLink } from './actions'

/** The one time that a link is seen: whoever opens it within the hour sets the password. */
export function ShownLink({ shown: { email, link }, onDone }: { shown: MemberLink; onDone: () => void }) {
  return (
    <Dialog
      open
      locked
      title={`Link for ${email}`}
      description="Hand it to them over a way you trust: whoever opens it sets the password. It works once, for one hour, and is not shown again."
      footer={
        <Button kind="ink" onClick={onDone}>
          Done
        </Button>
      }
    >
      <div className="mt-3 flex items-center gap-2 rounded-2 border border-line bg-well py-1.5 pr-1.5 pl-3">
        <output aria-label="Link" className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">
          {link}
        </output>
        <CopyButton text={link} />
      </div>
    </Dialog>
  )
}
