'use client'

import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { useToast } from '@/components/ui/toast'
import { announced } from '../../announced'
import { revokeGrantAction } from '../actions'

export function RevokeGrant({ id, server, tools }: { id: string; server: string; tools: readonly string[] }) {
  const toast = useToast()
  return (
    <ConfirmDialog
      trigger={
        <Button kind="quiet" size="small">
          Revoke
        </Button>
      }
      title={`Revoke ${tools.join(', ')} on ${server}?`}
      verb="Revoke grant"
      action={announced(revokeGrantAction, () => toast({ text: `Grant on ${server} revoked` }))}
      fields={{ id }}
    >
      The next call is refused on every proxy, within a second. Calls under way end as they began. What other grants
      cover stays open.
    </ConfirmDialog>
  )
}
