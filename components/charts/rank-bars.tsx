import Link from 'next/link'
import type { ReactNode } from 'react'

export interface RankEntry {
  key: string
  label: ReactNode
  count: number
  href: string
}

/** A ranking: the name, the number at the right, and under them a bar in proportion to the first. */
export function RankBars({ entries }: { entries: readonly RankEntry[] }) {
  const most = Math.max(1, ...entries.map(entry => entry.count))
  return (
    <ol className="-my-1">
      {entries.map(({ key, label, count, href }) => (
        <li key={key}>
          <Link href={href} className="group block pt-1.5 pb-1 -outline-offset-1">
            <span className="flex items-baseline gap-3 pb-1">
              <span className="cut flex-1 group-hover:text-accent-ink">{label}</span>
              <span className="tabular-nums">{count.toLocaleString('en')}</span>
            </span>
            <Track share={count / most} />
          </Link>
        </li>
      ))}
    </ol>
  )
}

function Track({ share }: { share: number }) {
  return (
    <svg aria-hidden="true" width="100%" height={3} className="block">
      <rect width="100%" height={3} rx={1.5} className="fill-well" />
      <rect width={`${(share * 100).toFixed(1)}%`} height={3} rx={1.5} className="fill-ink-3" />
    </svg>
  )
}
