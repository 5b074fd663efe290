'use client'

import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Button } from '@/components/ui/button'
import { useToast } from '@/components/ui/toast'
import { announced } from '../../announced'
import { pauseSinkAction, removeSinkAction, resumeSinkAction, type TestOutcome, testSinkAction } from './actions'

/** Tries a sink out, holds it back, or ends it. */
export function SinkActs({ name, isPaused }: { name: string; isPaused: boolean }) {
  const toast = useToast()
  const tested = ({ result }: { result?: TestOutcome }) =>
    result?.error
      ? toast({ tone: 'bad', text: `${name} did not take the test event: ${result.error}` })
      : toast({ text: `${name} took the test event` })
  return (
    <>
      <Form action={announced(testSinkAction, tested)}>
        <input type="hidden" name="name" value={name} />
        <SubmitButton>Send a test</SubmitButton>
      </Form>
      {isPaused ? (
        <Form action={announced(resumeSinkAction, () => toast({ text: `${name} goes on where it was paused` }))}>
          <input type="hidden" name="name" value={name} />
          <SubmitButton>Resume</SubmitButton>
        </Form>
      ) : (
        <Form action={announced(pauseSinkAction, () => toast({ text: `${name} is paused; records wait for it` }))}>
          <input type="hidden" name="name" value={name} />
          <SubmitButton>Pause</SubmitButton>
        </Form>
      )}
      <ConfirmDialog
        trigger={<Button kind="stop">Remove</Button>}
        title={`Remove ${name}?`}
        verb={`Remove ${name}`}
        typed={name}
        action={removeSinkAction}
        fields={{ name }}
      >
        Nothing is sent to it from the next second on. Its credentials and how far it was are deleted and cannot be
        brought back; the records stay here, and what was sent stays there.
      </ConfirmDialog>
    </>
  )
}
