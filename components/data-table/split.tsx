import type { ReactNode } from 'react'
import { LinkButton } from '@/components/ui/button'
import { Kbd } from '@/components/ui/kbd'
import { PanelResizer } from './panel-resizer'

/** A list and, pushing it aside, the panel of one of its rows; where the window is narrow the panel is the page. */
export function Split({ list, panel }: { list: ReactNode; panel?: ReactNode }) {
  return (
    <div className="flex min-h-0 flex-1 border-t border-line">
      <div className="@container flex min-w-0 flex-1 flex-col bg-sheet">{list}</div>
      {panel}
    </div>
  )
}

/** The panel beside a list. Its head walks the list; what it says stands below, ruled, in an order that never varies. */
export function Panel({
  label,
  closeHref,
  newerHref,
  olderHref,
  place,
  tools,
  children,
}: {
  label: string
  closeHref: string
  newerHref?: string | null
  olderHref?: string | null
  /** Where in the list: `7 of 50 shown`. */
  place?: ReactNode
  tools?: ReactNode
  children: ReactNode
}) {
  return (
    <div className="bg-sheet md:relative max-md:fixed max-md:inset-0 max-md:z-dialog max-md:overflow-y-auto md:w-panel md:flex-none md:border-l md:border-line-strong">
      <PanelResizer />
      <aside
        aria-label={label}
        className="flex flex-col wrap-anywhere md:sticky md:top-0 md:max-h-[calc(100dvh-var(--strip))] md:overflow-y-auto"
      >
        <header className="sticky top-0 z-sticky flex h-11 flex-none items-center gap-1 border-b border-line bg-sheet pr-3 pl-4 coarse:h-12">
          <Walk href={newerHref} icon="up" label="Newer" />
          <Walk href={olderHref} icon="down" label="Older" />
          <span className="ml-1 flex items-center gap-2 text-xs text-ink-3">
            {place}
            <span className="flex gap-1 max-md:hidden">
              <Kbd>J</Kbd>
              <Kbd>K</Kbd>
            </span>
          </span>
          <span className="ml-auto flex items-center gap-1">
            {tools}
            <LinkButton href={closeHref} scroll={false} kind="quiet" size="small" square icon="x" aria-label="Close" />
          </span>
        </header>
        {children}
      </aside>
    </div>
  )
}

function Walk({ href, icon, label }: { href: string | null | undefined; icon: 'up' | 'down'; label: string }) {
  if (!href) return null
  return <LinkButton href={href} scroll={false} kind="quiet" size="small" square icon={icon} aria-label={label} />
}

export function PanelSection({ title, end, children }: { title?: string; end?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-b border-line px-5 py-4 last:border-b-0">
      {title ? (
        <h2 className="mb-2 flex items-center gap-2 text-xs font-head">
          {title}
          {end ? <span className="ml-auto font-text text-ink-3">{end}</span> : null}
        </h2>
      ) : null}
      {children}
    </section>
  )
}
