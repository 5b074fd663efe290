'use client'

import { createContext, type ReactNode, useContext, useState } from 'react'
import { Form } from '@/components/form/form'
import { type FormAction, idle } from '@/components/form/form-state'
import { SubmitButton } from '@/components/form/submit-button'
import { Note } from '@/components/ui/note'
import { useToast } from '@/components/ui/toast'
import { type ScanSummary, scanServerAction } from '../actions'

interface Scanning {
  readonly failure: string | null
  readonly isRunning: boolean
  readonly set: (now: { failure: string | null; isRunning: boolean }) => void
}

const Context = createContext<Scanning | null>(null)

/** Holds what the last scan said, so that the button and the sentence need not stand together. */
export function ScanScope({ children }: { children: ReactNode }) {
  const [now, set] = useState<{ failure: string | null; isRunning: boolean }>({ failure: null, isRunning: false })
  return <Context value={{ ...now, set }}>{children}</Context>
}

/** Starts the server and reads its tools: up to 30 s, in which the button turns. */
export function ScanButton({ slug, kind = 'ink' }: { slug: string; kind?: 'ink' | 'line' }) {
  const toast = useToast()
  const scanning = useContext(Context)
  const scan: FormAction<ScanSummary> = async (state, data) => {
    scanning?.set({ failure: null, isRunning: true })
    const next = await scanServerAction(state, data)
    const failure = next.status === 'refused' ? (next.message ?? 'The scan failed.') : null
    scanning?.set({ failure, isRunning: false })
    if (next.result) toast({ text: sentenceOf(next.result) })
    return failure === null ? next : idle
  }
  return (
    <Form action={scan}>
      <input type="hidden" name="slug" value={slug} />
      <SubmitButton kind={kind} icon="refresh">
        Scan
      </SubmitButton>
    </Form>
  )
}

/** What is under way, or what went wrong in the words of the server; stays until the next scan. */
export function ScanAnswer() {
  const scanning = useContext(Context)
  if (scanning?.isRunning)
    return (
      <Note icon="refresh" role="status">
        Starting the server and reading its tools. This takes up to 30 seconds.
      </Note>
    )
  if (!scanning?.failure) return null
  return (
    <Note tone="bad" role="alert">
      <p>{scanning.failure}</p>
      <p className="mt-1 text-ink-2">What was approved before stays as it is. Mend it under Edit, then scan again.</p>
    </Note>
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
