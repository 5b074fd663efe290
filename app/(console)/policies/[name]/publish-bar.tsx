'use client'

import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
import type { AnalysisCount } from '@/components/code-editor/analysis-count'
import { SubmitButton } from '@/components/form/submit-button'
import { classes } from '@/components/ui/classes'
import { Icon } from '@/components/ui/icon'
import { Input } from '@/components/ui/input'
import { useHydrated } from './use-hydrated'

/** Counts before it asks: lines, findings, tests; then the note and the one act that changes what proxies enforce. */
export function PublishBar({
  lines,
  count,
  tests,
  isUnsaved,
  isRead,
  hasDraft,
  isFirst,
  nextRevision,
  mayPublish,
}: {
  lines: number
  count: AnalysisCount
  tests: number
  isUnsaved: boolean
  /** Whether the counts speak of the text as it stands. */
  isRead: boolean
  hasDraft: boolean
  isFirst: boolean
  nextRevision: number
  mayPublish: boolean
}) {
  const bar = useRef<HTMLDivElement>(null)
  useFootHeight(bar)
  const isHydrated = useHydrated()
  const isSame = lines === 0 && !isFirst
  const [firstFailing] = count.failing
  return (
    <div
      ref={bar}
      className="sticky bottom-strip z-sticky mt-auto flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line-strong bg-overlay px-4 py-2.5 md:px-6 md:py-3"
    >
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1 max-md:w-full max-md:text-xs">
        <span>
          <b>{lines}</b> {lines === 1 ? 'line' : 'lines'}
        </span>
        <Count number={count.errors} word="error" tone="text-bad-ink" icon="error" />
        <Count number={count.warnings} word="warning" tone="text-warn-ink" icon="warn" />
        {tests === 0 ? null : firstFailing ? (
          <Fact tone="text-bad-ink" icon="error">
            {count.failing.length} of {tests} tests fail: {firstFailing.name}
          </Fact>
        ) : (
          <Fact tone="text-ok-ink" icon="check">
            {tests === 1 ? '1 test passes' : `${tests} tests pass`}
          </Fact>
        )}
      </div>
      {mayPublish ? (
        <Input
          name="note"
          aria-label="Note"
          placeholder="Note: why"
          maxLength={500}
          className="min-w-40 flex-1 md:ml-auto md:max-w-105"
        />
      ) : (
        <span className="ml-auto text-xs text-ink-3">Publishing is for editors and owners.</span>
      )}
      <div className="flex flex-wrap items-center gap-2 max-md:w-full max-md:[&>*]:flex-1">
        {hasDraft ? (
          <SubmitButton kind="quiet" name="intent" value="discard">
            Discard draft
          </SubmitButton>
        ) : null}
        <SubmitButton name="intent" value="save" disabled={isHydrated && !isUnsaved}>
          Save draft
        </SubmitButton>
        {mayPublish ? (
          <SubmitButton
            kind="act"
            name="intent"
            value="publish"
            disabled={isHydrated && (isSame || (isRead && count.isRefused))}
            title={isSame ? 'Nothing differs from what is in force' : undefined}
          >
            Publish r{nextRevision}
          </SubmitButton>
        ) : null}
      </div>
    </div>
  )
}

/** Says how high the bar is (`--foot`), so that toasts stand above it rather than on its acts. */
function useFootHeight(bar: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = document.documentElement
    const observer = new ResizeObserver(() => root.style.setProperty('--foot', `${bar.current?.offsetHeight ?? 0}px`))
    if (bar.current) observer.observe(bar.current)
    return () => {
      observer.disconnect()
      root.style.removeProperty('--foot')
    }
  }, [bar])
}

function Count({ number, word, tone, icon }: { number: number; word: string; tone: string; icon: 'error' | 'warn' }) {
  if (number === 0) return null
  return (
    <Fact tone={tone} icon={icon}>
      {number} {number === 1 ? word : `${word}s`}
    </Fact>
  )
}

function Fact({ tone, icon, children }: { tone: string; icon: 'error' | 'warn' | 'check'; children: ReactNode }) {
  return (
    <span className={classes('inline-flex items-center gap-1.5', tone)}>
      <Icon name={icon} small />
      {children}
    </span>
  )
}
