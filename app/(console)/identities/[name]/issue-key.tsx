'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { Dialog, DialogClose } from '@/components/ui/dialog'
import { issueKeyAction } from '../actions'
import { EndFields } from './end-fields'
import { ShownKey } from './shown-key'

/** Asks until when, then shows the key once, in a dialog that does not close by accident. */
export function IssueKey({
  identity,
  isDisabled,
  servers,
  proxyUrl,
}: {
  identity: string
  isDisabled: boolean
  servers: readonly string[]
  proxyUrl: string
}) {
  const [open, setOpen] = useState(false)
  const [key, setKey] = useState<string | null>(null)
  const router = useRouter()
  if (key !== null) {
    const forget = () => {
      setKey(null)
      setOpen(false)
      router.refresh()
    }
    return <ShownKey identity={identity} issued={key} servers={servers} proxyUrl={proxyUrl} onStored={forget} />
  }
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Issue a key to ${identity}`}
      description="The key is shown once. An agent sends it with each call; whoever has it calls as this identity."
      trigger={
        <Button size="small" icon="plus" disabled={isDisabled}>
          Issue key
        </Button>
      }
    >
      <Form
        action={issueKeyAction}
        className="mt-4 flex flex-col gap-4"
        onDone={({ result }) => setKey(result?.key ?? null)}
      >
        <input type="hidden" name="identity" value={identity} />
        <EndFields label="Works" first="2160" />
        <div className="-mx-5 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
          <DialogClose />
          <SubmitButton kind="ink">Issue key</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
