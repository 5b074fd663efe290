'use client'

import { useState } from 'react'
import { Form } from '@/components/form/form'
import type { FormState } from '@/components/form/form-state'
import { SubmitButton } from '@/components/form/submit-button'
import { useToast } from '@/components/ui/toast'
import { type ScanSummary, scanServerAction } from '../actions'

/** Starts the server and reads its tools: up to 30 s, in which the button turns. What it said when it failed stays. */
export function ScanButton({ slug, kind = 'ink' }: { slug: string; kind?: 'ink' | 'line' }) {
  const toast = useToast()
  const [running, setRunning] = useState(false)
  return (
    <Form
      action={scanServerAction}
      className="max-w-measure"
      onSubmit={() => setRunning(true)}
      onDone={({ result }: FormState<ScanSummary>) => {
        setRunning(false)
        if (result) toast({ text: sentenceOf(result) })
      }}
    >
      <input type="hidden" name="slug" value={slug} />
      <SubmitButton kind={kind} icon="refresh">
        Scan
      </SubmitButton>
      {running ? (
        <span className="sr-only" role="status">
          Scanning. This takes up to 30 seconds.
        </span>
      ) : null}
    </Form>
  )
}

function sentenceOf({ tools, added, changed, missing }: ScanSummary): string {
  const found = tools === 1 ? '1 tool' : `${tools} tools`
  const news = [
    added > 0 ? `${added} new` : '',
    changed > 0 ? `${changed} changed` : '',
    missing > 0 ? `${missing} missing` : '',
  ].filter(Boolean)
  return `${found} listed, ${news.length > 0 ? news.join(', ') : 'all as they were'}`
}
