import { PageHead } from '@/components/shell/page-head'
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton'

/** The shape of a list while it is read; shown after 150 ms, so that a quick answer does not flicker. */
export function ListLoading({ title, chart = false }: { title: string; chart?: boolean }) {
  return (
    <div className="flex flex-1 flex-col animate-[fade_var(--t-2)_var(--ease)_150ms_backwards]">
      <PageHead title={title} facts={<Skeleton className="mt-1.5 w-72" />} />
      <div className="flex-1 border-t border-line bg-sheet">
        {chart ? <div className="m-4 h-28 rounded-2 bg-well md:mx-6" /> : null}
        <SkeletonRows rows={14} />
      </div>
    </div>
  )
}
