'use client'

import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { useToast } from '@/components/ui/toast'
import { announced } from '../../announced'
import { revokeKeyAction } from '../actions'

export function RevokeKey({ prefix, identity }: { prefix: string; identity: string }) {
  const toast = useToast()
  return (
    <ConfirmDialog
      trigger={
        <Button kind="quiet" size="small">
          Revoke
        </Button>
      }
      title={`Revoke ${prefix}…?`}
      verb="Revoke key"
      action={announced(revokeKeyAction, () => toast({ text: `${prefix}… revoked` }))}
      fields={{ key: prefix }}
    >
      Every proxy refuses it within a second, and it cannot be brought back. The other keys of {identity} go on working.
    </ConfirmDialog>
  )
}
