'use client'

import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { removeServerAction } from '../actions'

export function RemoveServer({ slug, grants, policy }: { slug: string; grants: number; policy: string | null }) {
  return (
    <ConfirmDialog
      trigger={<Button kind="stop">Remove</Button>}
      title={`Remove ${slug}?`}
      verb={`Remove ${slug}`}
      typed={slug}
      action={removeServerAction}
      fields={{ slug }}
    >
      Proxies stop forwarding to it within a second. Its credentials, its definitions{' '}
      {grants === 0 ? 'and past grants' : grants === 1 ? 'and 1 live grant' : `and ${grants} live grants`} are deleted
      and cannot be brought back.
      {policy ? ` The revisions of ${policy} and all records stay.` : ' All records stay.'}
    </ConfirmDialog>
  )
}
