import type { ReactNode } from 'react'

/** The head of a page: its name, one line of facts, and its tools at the right. */
export function PageHead({
  title,
  mono = false,
  facts,
  tools,
}: {
  title: ReactNode
  /** The title is a literal of the domain: a tool, a slug. */
  mono?: boolean
  facts?: ReactNode
  tools?: ReactNode
}) {
  return (
    <div className="flex flex-wrap items-start gap-3 px-4 pt-5 pb-3 md:flex-nowrap md:gap-4 md:px-6 md:pt-6 md:pb-4">
      <div className="min-w-0">
        <h1 className={`text-xl font-head wrap-anywhere ${mono ? 'font-mono tracking-figure' : 'tracking-head'}`}>
          {title}
        </h1>
        {facts ? <div className="mt-0.5 text-ink-2">{facts}</div> : null}
      </div>
      {tools ? (
        <div className="flex w-full flex-wrap items-center gap-2 md:ml-auto md:w-auto md:flex-none">{tools}</div>
      ) : null}
    </div>
  )
}

/** What stands under the head, with the page's own margins. `form` stops at the width of a form. */
export function PageBody({ form = false, children }: { form?: boolean; children: ReactNode }) {
  return <div className={`px-4 pb-6 md:px-6 ${form ? 'max-w-[43rem]' : ''}`}>{children}</div>
}
